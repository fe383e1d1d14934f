package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;

/** The node replays another node's changes. */
record Replica() implements NodeCondition {

    @Override
    public @Nullable Objection objection(Topology topology, NodeState node) {
        return node.role() == NodeRole.REPLICA
                ? null
                : new Objection("writable but not the primary", "writable, but not the primary of this topology");
    }

    @Override
    public String toString() {
        return "replica";
    }
}
