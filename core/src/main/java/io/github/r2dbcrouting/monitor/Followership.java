package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells which replicas follow which node that was seen writable. A replica follows it while it receives changes from it, or
 * from a replica that does, and stands on its branch. Where the upstream is no configured address (a proxy, another name
 * of the same host), the branch alone tells, if it tells.
 */
final class Followership {

    private final List<NodeObservation> nodes;
    private final List<NodeObservation> leaders;
    private final BranchHistory branches;

    /** Looks at the nodes of one cluster. */
    Followership(List<NodeObservation> nodes, BranchHistory branches) {
        this.nodes = nodes;
        this.leaders = nodes.stream().filter(node -> node.is(NodeRole.PRIMARY)).toList();
        this.branches = branches;
    }

    /** Returns how many replicas are known to follow the node at present. */
    long followers(NodeId leader) {
        return nodes.stream()
                .filter(node -> node.isUsable() && node.is(NodeRole.REPLICA))
                .filter(node -> leader.equals(leaderOf(node, nodes.size())))
                .count();
    }

    /** Returns whether most of the nodes that could follow the node do, counting those that cannot be reached. */
    boolean isFollowedByMajority(NodeId leader) {
        int voters = nodes.size() - leaders.size();
        return followers(leader) * 2 > voters;
    }

    private @Nullable NodeId leaderOf(NodeObservation replica, int hops) {
        Replication sample = replica.state().replication();
        if (sample == null || sample.link().state() != ReplicationLink.State.STREAMING || hops == 0) {
            return null;
        }
        NodeObservation upstream = upstream(sample.link());
        if (upstream == null) {
            return onlyLeaderOnBranch(sample);
        }
        if (upstream.is(NodeRole.PRIMARY)) {
            return isOnBranch(sample, upstream.state()) ? upstream.id() : null;
        }
        return leaderOf(upstream, hops - 1);
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

    private @Nullable NodeId onlyLeaderOnBranch(Replication sample) {
        List<NodeId> found = leaders.stream()
                .filter(leader -> isOnBranch(sample, leader.state()))
                .map(NodeObservation::id)
                .toList();
        return found.size() == 1 ? found.get(0) : null;
    }

    private boolean isOnBranch(Replication sample, NodeState leader) {
        Replication other = Objects.requireNonNull(leader.replication(), "a node whose role is known was sampled");
        return branches.covers(sample.position(), other.position()) != Coverage.UNKNOWN;
    }
}
