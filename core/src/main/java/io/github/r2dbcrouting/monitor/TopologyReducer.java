package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The pure step from one state and one event to the next state.
 *
 * <p>An event changes what is known of one node; everything else is derived afresh from what is known of all: who belongs
 * to the cluster, whether enough is known to choose, who is the primary, which epoch this is, how far each replica is behind.
 *
 * @param grace how long slower nodes are waited for after the first usable one
 * @param branches relates positions of different branches
 */
record TopologyReducer(Duration grace, BranchHistory branches) {

    /**
     * Returns the state after the event.
     *
     * @param now nanoseconds of the monitor's clock
     */
    MonitorState apply(MonitorState state, MonitorEvent event, long now) {
        if (event instanceof MonitorEvent.Answered answered) {
            return derive(state, observe(state, answered.node(), node -> node.answered(answered, now)), now);
        }
        if (event instanceof MonitorEvent.Failed failed) {
            return derive(state, observe(state, failed.node(), node -> node.failed(failed)), now);
        }
        if (event instanceof MonitorEvent.Unwatched unwatched) {
            return unwatched(state, NodeProblem.unwatched(unwatched.seen()));
        }
        return derive(state, state.observations(), now);
    }

    private static List<NodeObservation> observe(MonitorState state, NodeId id, UnaryOperator<NodeObservation> change) {
        return state.observations().stream()
                .map(node -> node.id().equals(id) ? change.apply(node) : node)
                .toList();
    }

    /** Epoch, roles and samples stay on record, since they are needed to tell afterwards what changed meanwhile. */
    private static MonitorState unwatched(MonitorState state, NodeProblem problem) {
        List<NodeObservation> observations = state.observations().stream()
                .map(node -> node.unwatched(problem))
                .toList();
        List<NodeState> nodes =
                observations.stream().map(NodeObservation::state).toList();
        return new MonitorState(
                observations,
                state.clusterId(),
                state.lastPrimary(),
                state.history(),
                null,
                false,
                new Topology(state.topology().epoch(), nodes, null, null));
    }

    private MonitorState derive(MonitorState state, List<NodeObservation> observations, long now) {
        Long firstUsableAt = state.firstUsableAt();
        if (firstUsableAt == null && observations.stream().anyMatch(NodeObservation::isUsable)) {
            firstUsableAt = now;
        }
        boolean settled = state.settled() || isSettled(observations, firstUsableAt, now);
        // Before that it is chance who belongs to the majority, and nobody is given work.
        List<NodeObservation> judged =
                settled ? ClusterMembership.of(state.clusterId(), observations).judge(observations) : observations;
        PrimaryElection.Choice choice = settled
                ? PrimaryElection.choose(
                        judged.stream().filter(node -> !node.state().isUnfit()).toList(), state.lastPrimary(), branches)
                : PrimaryElection.Choice.NONE;
        NodeObservation primary = choice.primary();
        long epoch = state.topology().epoch();
        LagHistory history = state.history();
        String clusterId = state.clusterId();
        NodeId lastPrimary = state.lastPrimary();
        if (primary != null) {
            Replication sample = Objects.requireNonNull(primary.state().replication(), "a usable node was sampled");
            if (!primary.id().equals(lastPrimary) || !history.isContinuedBy(sample.position(), branches)) {
                epoch++;
                history = LagHistory.EMPTY;
            }
            history = history.plus(sample.sampledAt(), sample.position());
            lastPrimary = primary.id();
            ServerIdentity server = primary.state().server();
            clusterId = clusterId == null && server != null ? server.clusterId() : clusterId;
        }
        return new MonitorState(
                observations,
                clusterId,
                lastPrimary,
                history,
                firstUsableAt,
                settled,
                topology(epoch, judged, primary, choice.alarm(), history, now));
    }

    private boolean isSettled(List<NodeObservation> nodes, @Nullable Long firstUsableAt, long now) {
        return nodes.stream().noneMatch(node -> node.state().health() == NodeHealth.UNKNOWN)
                || (firstUsableAt != null && now - firstUsableAt >= grace.toNanos());
    }

    private Topology topology(
            long epoch,
            List<NodeObservation> judged,
            @Nullable NodeObservation primary,
            @Nullable String alarm,
            LagHistory history,
            long now) {
        List<NodeState> nodes = judged.stream()
                .map(node -> withLag(node.state(), lag(node, node == primary, history, now)))
                .toList();
        NodeState chosen = primary == null ? null : nodes.get(judged.indexOf(primary));
        return new Topology(epoch, nodes, chosen, alarm);
    }

    /** What a node that refuses its probes has replayed since is not known: its lag grows with the time. */
    private @Nullable Duration lag(NodeObservation node, boolean primary, LagHistory history, long now) {
        Replication sample = node.state().replication();
        if (primary) {
            return Duration.ZERO;
        }
        if (sample == null || !node.is(NodeRole.REPLICA) || node.state().isUnfit()) {
            return null;
        }
        boolean refusing = node.state().health() == NodeHealth.DEGRADED;
        return history.lag(sample.position(), refusing ? now : sample.sampledAt(), branches);
    }

    private static NodeState withLag(NodeState node, @Nullable Duration lag) {
        Replication sample = node.replication();
        if (sample == null || Objects.equals(sample.lag(), lag)) {
            return node;
        }
        return new NodeState(
                node.settings(),
                node.role(),
                node.health(),
                node.failures(),
                node.generation(),
                node.server(),
                new Replication(sample.position(), sample.sampledAt(), sample.roundTrip(), lag, sample.link()),
                node.problem());
    }
}
