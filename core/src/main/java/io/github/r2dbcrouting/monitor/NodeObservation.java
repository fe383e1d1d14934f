package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the probes of one node alone tell of it, before it is compared with the others.
 *
 * @param state without lag, and without a look at the cluster it belongs to
 * @param roleSeenAt when the answer that first showed the present role arrived; 0 before the first answer
 * @param subscriptions the server's logical subscriptions, by name
 * @param lineage what is known of its branch if it is a primary
 * @param held what it surely holds if it is a replica, or {@code null}
 */
record NodeObservation(
        NodeState state,
        long roleSeenAt,
        List<String> subscriptions,
        Lineage lineage,
        @Nullable ReplicationPosition held) {

    /** Counted no further, so that a node that stays away is no news. */
    private static final int MOST_FAILURES = 2;

    /** A new round trip counts a fifth, as in MongoDB's server monitoring. */
    private static final int SMOOTHING = 5;

    static NodeObservation unprobed(NodeSettings settings) {
        return joined(settings, 0);
    }

    static NodeObservation joined(NodeSettings settings, long generation) {
        return new NodeObservation(NodeState.unprobed(settings, generation), 0, List.of(), Lineage.UNKNOWN, null);
    }

    NodeId id() {
        return state.id();
    }

    boolean isUsable() {
        return state.isUsable();
    }

    int failures() {
        return state.failures();
    }

    boolean is(NodeRole role) {
        return state.role() == role;
    }

    NodeObservation answered(MonitorEvent.Answered event, long now) {
        ProbeResult result = event.result();
        boolean sameRole = state.role() == result.role();
        Replication sample = new Replication(
                result.position(), event.sentAt(), smoothed(event.roundTrip(), result), null, result.link());
        boolean known = result.role() != NodeRole.UNKNOWN;
        NodeState next = new NodeState(
                state.settings(),
                result.role(),
                NodeHealth.HEALTHY,
                0,
                isSameLife(result) ? state.generation() : state.generation() + 1,
                result.server(),
                sample,
                known
                        ? null
                        : NodeProblem.unanswered("answers, but does not tell whether it is a primary or a replica"));
        return new NodeObservation(
                next, sameRole ? roleSeenAt : now, result.subscriptions(), lineage(result), held(result));
    }

    /** One slow probe, or the first over a new connection, is not the distance of the node. */
    private Duration smoothed(Duration roundTrip, ProbeResult result) {
        Replication last = state.replication();
        return last == null || !isSameServer(result)
                ? roundTrip
                : last.roundTrip().plus(roundTrip.minus(last.roundTrip()).dividedBy(SMOOTHING));
    }

    /** What was seen over one connection is of one life, also of one that has taken the server from replica to primary. */
    private boolean isSameServer(ProbeResult result) {
        return result.server().equals(state.server()) && !result.reconnected();
    }

    private Lineage lineage(ProbeResult result) {
        if (result.role() != NodeRole.PRIMARY) {
            return Lineage.UNKNOWN;
        }
        Lineage told = result.lineage();
        if (is(NodeRole.PRIMARY)) {
            return told.continues(lineage) ? told.with(lineage) : told;
        }
        return held != null && isSameServer(result) ? told.risenFrom(held, result.position()) : told;
    }

    /** What it held once in this life it holds for good, even where it does not show that any more. */
    private @Nullable ReplicationPosition held(ProbeResult result) {
        ReplicationPosition present = result.held();
        if (held == null || !isSameServer(result)) {
            return present;
        }
        ReplicationPosition both = present == null ? held : held.merge(present);
        return both == null ? present : both;
    }

    /**
     * Only an unbroken probe connection proves that the server did not restart: after the crash of one backend PostgreSQL
     * starts all over under the same start time, and a standby then answers from an older state.
     */
    private boolean isSameLife(ProbeResult result) {
        return state.role() == result.role() && isSameServer(result);
    }

    /**
     * A node that has no connection to spare, or refuses the monitor, is alive: it keeps its role, and its failure is no
     * sign of death.
     */
    NodeObservation failed(MonitorEvent.Failed event) {
        NodeProblem problem = event.problem();
        return switch (problem.kind()) {
            case SATURATED, REFUSING -> with(NodeHealth.DEGRADED, 0, problem);
            case UNFIT -> with(NodeHealth.UNHEALTHY, 0, problem);
            case UNANSWERED, UNWATCHED -> silent(problem);
            case UNASKED -> unasked(problem);
            case FAILING, SLOW, FLAPPING -> throw new IllegalArgumentException("no probe finds that a node " + problem);
        };
    }

    private NodeObservation silent(NodeProblem problem) {
        return with(NodeHealth.UNHEALTHY, Math.min(failures() + 1, MOST_FAILURES), problem);
    }

    /**
     * What is missing here must not cost a node that was well its statements, nor save those on a node that has fallen silent:
     * what was seen last holds.
     */
    private NodeObservation unasked(NodeProblem problem) {
        if (state.isUnfit()) {
            return this;
        }
        return switch (state.health()) {
            case HEALTHY, DEGRADED -> with(NodeHealth.DEGRADED, 0, problem);
            case UNHEALTHY, UNKNOWN -> silent(problem);
        };
    }

    NodeObservation unwatched(NodeProblem problem) {
        return with(NodeHealth.UNKNOWN, 0, problem);
    }

    NodeObservation changed(NodeSettings settings) {
        return new NodeObservation(state.with(settings), roleSeenAt, subscriptions, lineage, held);
    }

    /** Returns the node as one that must not be used, whatever its own probes tell. */
    NodeObservation unfit(NodeProblem problem) {
        return with(NodeHealth.UNHEALTHY, failures(), problem);
    }

    private NodeObservation with(NodeHealth health, int failures, NodeProblem problem) {
        NodeState next = new NodeState(
                state.settings(),
                state.role(),
                health,
                failures,
                state.generation(),
                state.server(),
                state.replication(),
                problem);
        return new NodeObservation(next, roleSeenAt, subscriptions, lineage, held);
    }
}
