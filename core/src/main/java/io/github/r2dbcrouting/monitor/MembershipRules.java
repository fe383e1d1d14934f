package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What must hold before a node is added, removed or changed. A change that would leave the application without what it works
 * with is refused, whoever asks for it.
 *
 * @param probeInterval how old what is known of a node may be
 */
record MembershipRules(Duration probeInterval) {

    /** Long enough for "any lag will do", and still so short that it can be reckoned with in nanoseconds. */
    private static final Duration LONGEST_LAG = Duration.ofDays(36_500);

    /**
     * Returns the event of a node that joins.
     *
     * @param generation the life that its own come after
     * @throws IllegalArgumentException if its name or its address is that of another node, or its {@code maxLag} cannot be kept to
     */
    MonitorEvent.Joined joining(MonitorState state, NodeSettings node, long generation) {
        for (NodeState other : state.topology().nodes()) {
            NodeSettings present = other.settings();
            if (present.id().equals(node.id())) {
                throw new IllegalArgumentException(
                        "node " + node.id() + " cannot be added: one of this name is there, at " + address(present)
                                + "; give it another name, or remove that one first");
            }
            if (present.port() == node.port() && present.host().equalsIgnoreCase(node.host())) {
                throw new IllegalArgumentException("node " + node.id() + " cannot be added: its address "
                        + address(node) + " is that of node " + present.id() + "; name each server once");
            }
        }
        requireMeasurable(node, "added");
        return new MonitorEvent.Joined(node, generation);
    }

    /**
     * Returns the event of a node that leaves.
     *
     * @param replaced whether the same server is to come back under its name from elsewhere, so that one which cannot be used may go
     *     whatever it was
     * @throws IllegalArgumentException if there is none of that name
     * @throws IllegalStateException if it is the primary, or was the last one and no other has taken over, or if no other
     *     node can be used
     */
    MonitorEvent.Left leaving(MonitorState state, NodeId id, boolean replaced) {
        Topology topology = state.topology();
        NodeState node = require(topology, id, "removed");
        if (replaced && !node.isUsable()) {
            return new MonitorEvent.Left(id);
        }
        NodeState primary = topology.primary();
        if (primary != null && primary.id().equals(id)) {
            throw new IllegalStateException(
                    "node " + id
                            + " cannot be removed: it is the primary, and writes have nowhere else to go; switch over to another node first");
        }
        if (primary == null && id.equals(state.lastPrimary())) {
            throw new IllegalStateException(
                    "node " + id
                            + " cannot be removed: it is the last primary that was seen, and no other has taken over; promote another node first");
        }
        List<NodeState> others =
                topology.nodes().stream().filter(other -> other != node).toList();
        if (others.isEmpty() || (node.isUsable() && others.stream().noneMatch(NodeState::isUsable))) {
            throw new IllegalStateException(
                    "node " + id + " cannot be removed: it is the last one that can be used; add another node first");
        }
        return new MonitorEvent.Left(id);
    }

    /**
     * Returns the event of a node that is found where it was and counts otherwise.
     *
     * @throws IllegalArgumentException if there is none of that name, or the change gives it another name or address, or a
     *     {@code maxLag} that cannot be kept to
     */
    MonitorEvent.Changed changing(MonitorState state, NodeId id, UnaryOperator<NodeSettings> change) {
        NodeSettings before = require(state.topology(), id, "changed").settings();
        NodeSettings after = change.apply(before);
        if (!after.id().equals(id)
                || after.port() != before.port()
                || !after.host().equals(before.host())) {
            throw new IllegalArgumentException("node " + id + " cannot be changed from " + address(before) + " to "
                    + after.id() + " at " + address(after)
                    + ": name and address stay; add the new one as a node of its own and remove this one");
        }
        requireMeasurable(after, "changed");
        return new MonitorEvent.Changed(after);
    }

    private void requireMeasurable(NodeSettings node, String done) {
        Duration limit = node.maxLag();
        if (limit == null || (limit.compareTo(probeInterval) >= 0 && limit.compareTo(LONGEST_LAG) <= 0)) {
            return;
        }
        throw new IllegalArgumentException("node " + node.id() + " cannot be " + done + " with a maxLag of " + limit
                + ": what is known of a replica is as old as the probe interval, so use " + probeInterval + " to "
                + LONGEST_LAG + ", a hundred years");
    }

    private static NodeState require(Topology topology, NodeId id, String done) {
        NodeState node = topology.node(id);
        if (node == null) {
            throw new IllegalArgumentException("node " + id + " cannot be " + done
                    + ": there is none of that name, the nodes are "
                    + topology.nodes().stream().map(other -> other.id().name()).collect(Collectors.joining(", ")));
        }
        return node;
    }

    private static String address(NodeSettings node) {
        return NodeSettings.of(node.host(), node.port()).id().name();
    }
}
