package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;

/**
 * What the probes of one node alone tell of it, before it is compared with the others.
 *
 * @param state without lag, and without a look at the cluster it belongs to
 * @param failures how many probes have failed since the last answer
 * @param roleSeenAt when the answer that first showed the present role arrived; 0 before the first answer
 */
record NodeObservation(NodeState state, int failures, long roleSeenAt) {

    static NodeObservation unprobed(NodeSettings settings) {
        return new NodeObservation(NodeState.unprobed(settings), 0, 0);
    }

    NodeId id() {
        return state.id();
    }

    boolean isUsable() {
        return state.isUsable();
    }

    boolean is(NodeRole role) {
        return state.role() == role;
    }

    NodeObservation answered(MonitorEvent.Answered event, long now) {
        ProbeResult result = event.result();
        boolean sameRole = state.role() == result.role();
        Replication sample = new Replication(result.position(), event.sentAt(), event.roundTrip(), null, result.link());
        boolean known = result.role() != NodeRole.UNKNOWN;
        NodeState next = new NodeState(
                state.settings(),
                result.role(),
                NodeHealth.HEALTHY,
                isSameLife(result) ? state.generation() : state.generation() + 1,
                result.server(),
                sample,
                known ? null : "answers, but does not tell whether it is a primary or a replica");
        return new NodeObservation(next, 0, sameRole ? roleSeenAt : now);
    }

    /**
     * Only an unbroken probe connection proves that the server did not restart: after the crash of one backend PostgreSQL
     * starts all over under the same start time, and a standby then answers from an older state.
     */
    private boolean isSameLife(ProbeResult result) {
        return state.role() == result.role() && result.server().equals(state.server()) && !result.reconnected();
    }

    /**
     * A node that has no connection to spare, or refuses the monitor, is alive: it keeps its role, and its failure is no
     * sign of death.
     */
    NodeObservation failed(MonitorEvent.Failed event) {
        return event.alive()
                ? new NodeObservation(with(NodeHealth.DEGRADED, event.problem()), 0, roleSeenAt)
                : new NodeObservation(with(NodeHealth.UNHEALTHY, event.problem()), failures + 1, roleSeenAt);
    }

    NodeObservation unwatched(String problem) {
        return new NodeObservation(with(NodeHealth.UNKNOWN, problem), 0, roleSeenAt);
    }

    NodeObservation foreign(String problem) {
        return new NodeObservation(with(NodeHealth.UNHEALTHY, problem), failures, roleSeenAt);
    }

    private NodeState with(NodeHealth health, String problem) {
        return new NodeState(
                state.settings(),
                state.role(),
                health,
                state.generation(),
                state.server(),
                state.replication(),
                problem);
    }
}
