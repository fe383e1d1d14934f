package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;

/** The node is a replica, or the primary and not just one that could be written. */
record Member() implements NodeCondition {

    @Override
    public @Nullable Objection objection(Topology topology, NodeState node) {
        return topology.isPrimary(node) || node.role() == NodeRole.REPLICA
                ? null
                : new Replica().objection(topology, node);
    }

    @Override
    public String toString() {
        return "replica or primary";
    }
}
