package io.github.r2dbcrouting.topology;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import java.time.Duration;
import java.util.List;

/** Nodes and snapshots as the monitor would publish them, in the shortest words. */
public final class Nodes {

    private Nodes() {}

    /** A healthy primary at position 1000 of branch 1. */
    public static NodeState primary(String name) {
        return node(name, NodeRole.PRIMARY, at(1000, Duration.ZERO));
    }

    /** A healthy replica at position 1000 of branch 1, with no lag. */
    public static NodeState replica(String name) {
        return replica(name, Duration.ZERO);
    }

    public static NodeState replica(String name, Duration lag) {
        return node(name, NodeRole.REPLICA, at(1000, lag));
    }

    public static NodeState replicaAt(String name, long lsn) {
        return node(name, NodeRole.REPLICA, at(lsn, Duration.ZERO));
    }

    public static NodeState node(String name, NodeRole role, Replication replication) {
        return new NodeState(settings(name), role, NodeHealth.HEALTHY, 0, 1, null, replication, null);
    }

    public static NodeState unprobed(String name) {
        return NodeState.unprobed(settings(name));
    }

    public static NodeState degraded(NodeState node) {
        return with(
                node, NodeHealth.DEGRADED, new NodeProblem(NodeProblem.Kind.SATURATED, "out of connections", "", ""));
    }

    public static NodeState dead(NodeState node) {
        return with(node, NodeHealth.UNHEALTHY, NodeProblem.unanswered("connection refused"));
    }

    public static NodeState in(String region, NodeState node) {
        return configured(node.settings().in(region), node);
    }

    public static NodeState placed(Placement placement, NodeState node) {
        return configured(node.settings().at(placement), node);
    }

    public static NodeState set(NodeShare share, NodeState node) {
        return configured(node.settings().sharing(share), node);
    }

    public static NodeState within(Duration maxLag, NodeState node) {
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

    public static NodeState sampled(NodeState node, Replication sample) {
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

    public static NodeState with(NodeState node, NodeHealth health, NodeProblem problem) {
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

    public static Replication at(long lsn, Duration lag) {
        return at(1, lsn, lag);
    }

    public static Replication at(long timeline, long lsn, Duration lag) {
        return new Replication(position(timeline, lsn), 0, Duration.ofMillis(1), lag, ReplicationLink.UNKNOWN);
    }

    public static LogPosition position(long timeline, long lsn) {
        return new LogPosition(Branch.ofTimeline(timeline), lsn);
    }

    /** A snapshot whose primary is the first node of that role that can be used. */
    public static Topology topology(NodeState... nodes) {
        NodeState primary = null;
        for (NodeState node : nodes) {
            if (primary == null && node.role() == NodeRole.PRIMARY && node.isUsable()) {
                primary = node;
            }
        }
        return new Topology(1, List.of(nodes), primary, null);
    }

    public static NodeId id(String name) {
        return new NodeId(name);
    }

    private static NodeSettings settings(String name) {
        return new NodeSettings(id(name), "localhost", 5432);
    }
}
