package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells which replicas follow which node. A replica follows the one from which it receives changes, or from which its
 * upstream does, and stands on its branch. Where the upstream is no configured address (a proxy, another name of the same
 * host), the branch alone tells, if it tells.
 */
final class Followership {

    private final List<NodeObservation> nodes;
    private final List<NodeObservation> writable;
    private final BranchHistory branches;

    /** Looks at the nodes of one cluster. */
    Followership(List<NodeObservation> nodes, BranchHistory branches) {
        this.nodes = nodes;
        this.writable = nodes.stream().filter(node -> node.is(NodeRole.PRIMARY)).toList();
        this.branches = branches;
    }

    /** Returns whether any replica is known to follow the node. */
    boolean isFollowed(NodeObservation leader) {
        return !followers(leader).isEmpty();
    }

    /** Returns whether most of the nodes that could follow the node do, counting those that cannot be reached. */
    boolean isFollowedByMajority(NodeObservation leader) {
        return followers(leader).size() * 2 > nodes.size() - writable.size();
    }

    /** Returns the replicas that are known to follow the node. */
    List<NodeObservation> followers(NodeObservation leader) {
        return nodes.stream()
                .filter(node -> node.isUsable() && node.is(NodeRole.REPLICA))
                .filter(node -> leader.id().equals(leaderOf(node, nodes.size())))
                .toList();
    }

    private @Nullable NodeId leaderOf(NodeObservation replica, int hops) {
        Replication sample = replica.state().replication();
        if (sample == null || sample.link().state() != ReplicationLink.State.STREAMING || hops == 0) {
            return null;
        }
        NodeObservation upstream = upstream(sample.link());
        if (upstream == null) {
            return onlyWritableOnBranch(sample);
        }
        if (upstream.is(NodeRole.REPLICA)) {
            return leaderOf(upstream, hops - 1);
        }
        return isOnBranch(sample, upstream) ? upstream.id() : null;
    }

    /** Returns the addresses from which nodes receive changes and which are those of no node. */
    String unknownUpstreams() {
        return nodes.stream()
                .map(node -> node.state().replication())
                .filter(Objects::nonNull)
                .map(Replication::link)
                .filter(link -> link.upstreamHost() != null && upstream(link) == null)
                .map(link -> link.upstreamHost() + ":" + link.upstreamPort())
                .distinct()
                .collect(Collectors.joining(" and "));
    }

    private @Nullable NodeObservation upstream(ReplicationLink link) {
        String host = link.upstreamHost();
        if (host == null) {
            return null;
        }
        for (NodeObservation node : nodes) {
            NodeSettings settings = node.state().settings();
            if (settings.host().equalsIgnoreCase(host) && settings.port() == link.upstreamPort()) {
                return node;
            }
        }
        return null;
    }

    private @Nullable NodeId onlyWritableOnBranch(Replication sample) {
        List<NodeId> found = writable.stream()
                .filter(node -> isOnBranch(sample, node))
                .map(NodeObservation::id)
                .toList();
        return found.size() == 1 ? found.get(0) : null;
    }

    /** A leader that never answered is taken at the replica's word. */
    private boolean isOnBranch(Replication sample, NodeObservation leader) {
        Replication other = leader.state().replication();
        if (other == null) {
            return true;
        }
        return leader.lineage().equals(Lineage.UNKNOWN)
                ? branches.covers(sample.position(), other.position()) != Coverage.UNKNOWN
                : leader.lineage().isBranchOf(sample.position());
    }
}
