package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.outlier.Standings;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The pure step from one state and one event to the next state.
 *
 * <p>An event changes what is known of one node; everything else is derived afresh from what is known of all: who belongs
 * to the cluster, whether enough is known to choose, who is the primary, which epoch this is, how far each replica is behind,
 * and which nodes are left out although they answer.
 *
 * @param grace how long slower nodes are waited for after the first usable one
 * @param branches relates positions while nothing is known of the primary's branch
 */
record TopologyReducer(Duration grace, BranchHistory branches) {

    /**
     * Returns the state after the event.
     *
     * @param now nanoseconds of the monitor's clock
     */
    MonitorState apply(MonitorState state, MonitorEvent event, long now) {
        if (event instanceof MonitorEvent.Answered answered) {
            return observed(state, answered.node(), node -> node.answered(answered, now), now);
        }
        if (event instanceof MonitorEvent.Failed failed) {
            return observed(state, failed.node(), node -> node.failed(failed), now);
        }
        if (event instanceof MonitorEvent.Outlying outlying) {
            Standings standings = state.standings().at(now);
            return derive(
                    state,
                    state.observations(),
                    standings.found(outlying.finding(), state.topology(), outlying.keptOut(), now, outlying.chance()),
                    now);
        }
        if (event instanceof MonitorEvent.Joined joined) {
            NodeObservation node = NodeObservation.joined(joined.node(), joined.generation());
            return derive(
                    state,
                    Stream.concat(state.observations().stream(), Stream.of(node))
                            .toList(),
                    state.standings().at(now),
                    now);
        }
        if (event instanceof MonitorEvent.Left left) {
            return derive(
                    state,
                    state.observations().stream()
                            .filter(node -> !node.id().equals(left.node()))
                            .toList(),
                    state.standings().at(now).without(left.node()),
                    now);
        }
        if (event instanceof MonitorEvent.Changed changed) {
            return observed(state, changed.node().id(), node -> node.changed(changed.node()), now);
        }
        if (event instanceof MonitorEvent.Unwatched unwatched) {
            return unwatched(state, NodeProblem.unwatched(unwatched.seen()));
        }
        return derive(state, state.observations(), state.standings().at(now), now);
    }

    private MonitorState observed(MonitorState state, NodeId id, UnaryOperator<NodeObservation> change, long now) {
        List<NodeObservation> observations = new ArrayList<>(state.observations());
        Standings standings = state.standings().at(now);
        for (int i = 0; i < observations.size(); i++) {
            NodeObservation before = observations.get(i);
            if (before.id().equals(id)) {
                NodeObservation after = change.apply(before);
                observations.set(i, after);
                standings = standings.seen(before.state(), after.state(), observations.size() - 1, now);
            }
        }
        return derive(state, observations, standings, now);
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
                state.lineage(),
                null,
                false,
                state.standings(),
                new Topology(state.topology().epoch(), nodes, null, null, state.lineage()));
    }

    private MonitorState derive(MonitorState state, List<NodeObservation> observations, Standings standings, long now) {
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
        Lineage lineage = state.lineage();
        String clusterId = state.clusterId();
        NodeId lastPrimary = state.lastPrimary();
        if (primary != null) {
            Replication sample = Objects.requireNonNull(primary.state().replication(), "a usable node was sampled");
            Lineage own = primary.lineage().reaching(sample.position());
            Lineage longer = own.with(lineage);
            boolean sameNode = primary.id().equals(lastPrimary);
            boolean continued = sameNode
                    && own.continues(lineage)
                    && history.isContinuedBy(longer.stamped(sample.position()), isUnknown(lineage) ? branches : longer);
            boolean successor = !sameNode && lastPrimary != null && !isUnknown(lineage);
            boolean namesake = successor && own.continues(lineage);
            if (!continued) {
                epoch++;
                history = LagHistory.EMPTY;
            }
            lineage = continued ? longer : own.after(lineage);
            if (!lineage.isNamed() && (namesake || hasNamesake(primary, lineage, judged))) {
                lineage = lineage.named(primary.id().name());
                // Whose the samples so far are, their positions do not tell.
                history = lineage.isNamed() ? LagHistory.EMPTY : history;
            }
            history = history.plus(sample.sampledAt(), lineage.stamped(sample.position()));
            lastPrimary = primary.id();
            ServerIdentity server = primary.state().server();
            clusterId = clusterId == null && server != null ? server.clusterId() : clusterId;
        }
        return new MonitorState(
                observations,
                clusterId,
                lastPrimary,
                history,
                lineage,
                firstUsableAt,
                settled,
                standings,
                // Last, since the choice of a primary and the lag are matters of the probes alone.
                standings.over(
                        new TopologyDraft(epoch, judged, primary, choice.alarm(), history, lineage, order(lineage))
                                .at(now),
                        now));
    }

    private boolean isSettled(List<NodeObservation> nodes, @Nullable Long firstUsableAt, long now) {
        boolean heardOfAll = !nodes.isEmpty()
                && nodes.stream().noneMatch(node -> node.state().health() == NodeHealth.UNKNOWN);
        return heardOfAll || (firstUsableAt != null && now - firstUsableAt >= grace.toNanos());
    }

    /** Returns whether another node takes writes on a branch that nothing tells from the primary's: both were promoted apart. */
    private static boolean hasNamesake(NodeObservation primary, Lineage lineage, List<NodeObservation> judged) {
        for (NodeObservation node : judged) {
            Replication sample = node.state().replication();
            boolean rival = node != primary
                    && node.is(NodeRole.PRIMARY)
                    && !node.state().isUnfit();
            if (rival && sample != null && lineage.isBranchOf(node.lineage().stamped(sample.position()))) {
                return true;
            }
        }
        return false;
    }

    private BranchHistory order(Lineage lineage) {
        return isUnknown(lineage) ? branches : lineage;
    }

    private static boolean isUnknown(Lineage lineage) {
        return lineage.equals(Lineage.UNKNOWN);
    }
}
