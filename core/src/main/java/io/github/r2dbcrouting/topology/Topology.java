package io.github.r2dbcrouting.topology;

import io.github.r2dbcrouting.position.Lineage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable snapshot of all nodes. A decision reads one snapshot from start to end.
 *
 * @param epoch counts the primaries: it grows by one whenever another node, or another life of the same node on another
 *     branch, becomes the primary; 0 until the first one is seen
 * @param nodes every configured node, in the configured order
 * @param primary the node that takes writes, usable; {@code null} while there is none. A node whose role is primary but
 *     which is not this one must not be given work: {@link #alarm()} speaks of it
 * @param alarm what an operator must look at, such as two writable nodes; {@code null} when all is well
 * @param lineage what is known of the branch that the primary is on, or the last one was
 */
public record Topology(
        long epoch,
        List<NodeState> nodes,
        @Nullable NodeState primary,
        @Nullable String alarm,
        Lineage lineage) {

    public Topology {
        nodes = List.copyOf(nodes);
    }

    /** Creates a snapshot in which nothing is known of the primary's branch. */
    public Topology(long epoch, List<NodeState> nodes, @Nullable NodeState primary, @Nullable String alarm) {
        this(epoch, nodes, primary, alarm, Lineage.UNKNOWN);
    }

    /** Returns the snapshot before any probe. */
    public static Topology unprobed(List<NodeSettings> nodes) {
        return new Topology(0, nodes.stream().map(NodeState::unprobed).toList(), null, null);
    }

    /** Returns the state of the named node, or {@code null} if it is not part of this topology. */
    public @Nullable NodeState node(NodeId id) {
        for (NodeState node : nodes) {
            if (node.id().equals(id)) {
                return node;
            }
        }
        return null;
    }

    /** Returns whether a node is the one that takes writes. */
    public boolean isPrimary(NodeState node) {
        return primary != null && primary.id().equals(node.id());
    }

    /** Returns whether at least one node can be given work. */
    public boolean isUsable() {
        for (NodeState node : nodes) {
            if (node.isUsable()) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether nothing but samples (positions, lags, times, and what they tell of the branch) tells the two snapshots apart. */
    public boolean differsInSamplesOnly(Topology other) {
        return withoutSamples().equals(other.withoutSamples());
    }

    private Topology withoutSamples() {
        return new Topology(
                epoch,
                nodes.stream().map(Topology::withoutSample).toList(),
                primary == null ? null : withoutSample(primary),
                alarm);
    }

    private static NodeState withoutSample(NodeState node) {
        return new NodeState(
                node.settings(), node.role(), node.health(), 0, node.generation(), node.server(), null, node.problem());
    }
}
