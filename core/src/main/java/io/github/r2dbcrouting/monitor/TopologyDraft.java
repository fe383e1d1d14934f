package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Fate;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was found out of the cluster, from which each node is seen in relation to the primary: how far it is behind, and whether it
 * holds what the primary does not.
 *
 * @param epoch counts the primaries
 * @param nodes the nodes, those that do not belong to the cluster marked as such
 * @param primary the chosen one, or {@code null}
 * @param alarm what an operator must look at, or {@code null}
 * @param history where the primary of the epoch stood, and when
 * @param lineage the branch of the epoch
 * @param order relates positions of different branches
 */
record TopologyDraft(
        long epoch,
        List<NodeObservation> nodes,
        @Nullable NodeObservation primary,
        @Nullable String alarm,
        LagHistory history,
        Lineage lineage,
        BranchHistory order) {

    /**
     * Returns the snapshot.
     *
     * @param now nanoseconds of the monitor's clock
     */
    Topology at(long now) {
        Set<NodeObservation> onBranch = onBranch();
        List<NodeState> states = nodes.stream()
                .map(node -> state(node, onBranch.contains(node), now))
                .toList();
        NodeState chosen = primary == null ? null : states.get(nodes.indexOf(primary));
        return new Topology(epoch, states, chosen, alarm, lineage);
    }

    /** Where the number of a branch does not identify it, only who follows the primary is known to be on its branch. */
    private Set<NodeObservation> onBranch() {
        Set<NodeObservation> found = new HashSet<>();
        if (primary != null) {
            found.add(primary);
            if (lineage.isNamed()) {
                found.addAll(new Followership(nodes, BranchHistory.unknown()).followers(primary));
            }
        }
        return found;
    }

    private NodeState state(NodeObservation node, boolean onBranch, long now) {
        NodeState state = forked(node).state();
        Replication sample = state.replication();
        if (sample == null) {
            return state;
        }
        ReplicationPosition position = onBranch ? lineage.stamped(sample.position()) : sample.position();
        return withSample(
                state,
                new Replication(
                        position,
                        sample.sampledAt(),
                        sample.roundTrip(),
                        lag(node, state, position, now),
                        sample.link()));
    }

    /** It answers, replays and looks well, and shows what the others have never seen. */
    private NodeObservation forked(NodeObservation node) {
        ReplicationPosition held = node.held();
        if (held == null || !node.isUsable() || !node.is(NodeRole.REPLICA) || lineage.fate(held) != Fate.LOST) {
            return node;
        }
        return node.unfit(NodeProblem.unfit(
                "holds changes that the primary does not have: it had come to " + held
                        + ", and the primary has gone another way before that",
                "the history of the primary, " + lineage,
                "copy it anew from the primary, or rewind it"));
    }

    /** What a node that refuses its probes has replayed since is not known: its lag grows with the time. */
    private @Nullable Duration lag(NodeObservation node, NodeState state, ReplicationPosition position, long now) {
        if (node == primary) {
            return Duration.ZERO;
        }
        Replication sample = state.replication();
        if (sample == null || !node.is(NodeRole.REPLICA) || state.isUnfit()) {
            return null;
        }
        boolean refusing = state.health() == NodeHealth.DEGRADED;
        return history.lag(position, refusing ? now : sample.sampledAt(), order);
    }

    private static NodeState withSample(NodeState node, Replication sample) {
        return sample.equals(node.replication())
                ? node
                : new NodeState(
                        node.settings(),
                        node.role(),
                        node.health(),
                        node.failures(),
                        node.generation(),
                        node.server(),
                        sample,
                        node.problem());
    }
}
