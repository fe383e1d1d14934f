package io.github.r2dbcrouting.topology;

import org.jspecify.annotations.Nullable;

/**
 * What is known of one node, at one moment.
 *
 * @param settings where it is found
 * @param role what it was last observed to be, also while it cannot be reached
 * @param health whether it can be given work
 * @param failures how many probes in a row have failed since the last answer: 0 for a node that answers, 1 for what may be
 *     an accident, 2 for two and more
 * @param generation counts the lives of the node: before the first answer 0, or as many as removed nodes had; then it grows whenever the node changes role,
 *     restarts, or may have restarted because the probe's connection broke; connections of an older generation must not be
 *     used any more
 * @param server which server answered last, or {@code null} before the first answer
 * @param replication how far it had come at the last sample, or {@code null} before the first one
 * @param problem why it is not healthy; {@code null} for a healthy node
 */
public record NodeState(
        NodeSettings settings,
        NodeRole role,
        NodeHealth health,
        int failures,
        long generation,
        @Nullable ServerIdentity server,
        @Nullable Replication replication,
        @Nullable NodeProblem problem) {

    /** Returns the state of a node that was not probed yet. */
    public static NodeState unprobed(NodeSettings settings) {
        return unprobed(settings, 0);
    }

    /**
     * Returns the state of such a node, whose lives are counted on from those of others.
     *
     * @param generation the number of the life before its first one
     */
    public static NodeState unprobed(NodeSettings settings, long generation) {
        return new NodeState(
                settings,
                NodeRole.UNKNOWN,
                NodeHealth.UNKNOWN,
                0,
                generation,
                null,
                null,
                NodeProblem.unwatched("not probed yet"));
    }

    /** Returns what is known of the same node under other settings. */
    public NodeState with(NodeSettings changed) {
        return new NodeState(changed, role, health, failures, generation, server, replication, problem);
    }

    public NodeId id() {
        return settings.id();
    }

    /** Returns whether the node answers but must not be used, whatever its health was otherwise. */
    public boolean isUnfit() {
        return problem != null && problem.isUnfit();
    }

    /** Returns whether the node fails statement after statement, whatever its probes say. */
    public boolean isFailing() {
        return problem != null && problem.kind() == NodeProblem.Kind.FAILING;
    }

    /** Returns the same node as one that is used only when no healthy one is left. */
    public NodeState degraded(NodeProblem why) {
        return new NodeState(settings, role, NodeHealth.DEGRADED, failures, generation, server, replication, why);
    }

    /** Returns whether work may be given to the node: it answers and its role is known. */
    public boolean isUsable() {
        return role != NodeRole.UNKNOWN && (health == NodeHealth.HEALTHY || health == NodeHealth.DEGRADED);
    }
}
