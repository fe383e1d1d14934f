package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Placement;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;

/** Nodes and snapshots as the monitor would publish them, in the shortest words. */
final class Nodes {

    private Nodes() {}

    /** A healthy primary at position 1000 of branch 1. */
    static NodeState primary(String name) {
        return node(name, NodeRole.PRIMARY, at(1000, Duration.ZERO));
    }

    /** A healthy replica at position 1000 of branch 1, with no lag. */
    static NodeState replica(String name) {
        return replica(name, Duration.ZERO);
    }

    static NodeState replica(String name, Duration lag) {
        return node(name, NodeRole.REPLICA, at(1000, lag));
    }

    static NodeState replicaAt(String name, long lsn) {
        return node(name, NodeRole.REPLICA, at(lsn, Duration.ZERO));
    }

    static NodeState node(String name, NodeRole role, Replication replication) {
        return new NodeState(settings(name), role, NodeHealth.HEALTHY, 0, 1, null, replication, null);
    }

    static NodeState unprobed(String name) {
        return NodeState.unprobed(settings(name));
    }

    static NodeState degraded(NodeState node) {
        return with(
                node, NodeHealth.DEGRADED, new NodeProblem(NodeProblem.Kind.SATURATED, "out of connections", "", ""));
    }

    static NodeState dead(NodeState node) {
        return with(node, NodeHealth.UNHEALTHY, NodeProblem.unanswered("connection refused"));
    }

    static NodeState in(String region, NodeState node) {
        return configured(node.settings().in(region), node);
    }

    static NodeState placed(Placement placement, NodeState node) {
        return configured(node.settings().at(placement), node);
    }

    static NodeState set(NodeShare share, NodeState node) {
        return configured(node.settings().sharing(share), node);
    }

    static NodeState within(Duration maxLag, NodeState node) {
        return configured(node.settings().within(maxLag), node);
    }

    private static NodeState configured(NodeSettings settings, NodeState node) {
        return new NodeState(
                settings,
                node.role(),
                node.health(),
                node.failures(),
                node.generation(),
                node.server(),
                node.replication(),
                node.problem());
    }

    static NodeState sampled(NodeState node, Replication sample) {
        return new NodeState(
                node.settings(),
                node.role(),
                node.health(),
                node.failures(),
                node.generation(),
                node.server(),
                sample,
                node.problem());
    }

    static NodeState with(NodeState node, NodeHealth health, NodeProblem problem) {
        return new NodeState(
                node.settings(),
                node.role(),
                health,
                node.failures(),
                node.generation(),
                node.server(),
                node.replication(),
                problem);
    }

    static Replication at(long lsn, Duration lag) {
        return at(1, lsn, lag);
    }

    static Replication at(long timeline, long lsn, Duration lag) {
        return new Replication(position(timeline, lsn), 0, Duration.ofMillis(1), lag, ReplicationLink.UNKNOWN);
    }

    static LogPosition position(long timeline, long lsn) {
        return new LogPosition(Branch.ofTimeline(timeline), lsn);
    }

    /** A snapshot whose primary is the first node of that role that can be used. */
    static Topology topology(NodeState... nodes) {
        NodeState primary = null;
        for (NodeState node : nodes) {
            if (primary == null && node.role() == NodeRole.PRIMARY && node.isUsable()) {
                primary = node;
            }
        }
        return new Topology(1, List.of(nodes), primary, null);
    }

    static NodeId id(String name) {
        return new NodeId(name);
    }

    private static NodeSettings settings(String name) {
        return new NodeSettings(id(name), "localhost", 5432);
    }
}
