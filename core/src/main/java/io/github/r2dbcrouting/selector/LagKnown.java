package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;

/** It is known how far the node is behind. */
record LagKnown(BranchHistory history) implements NodeCondition {

    @Override
    public @Nullable Objection objection(Topology topology, NodeState node) {
        Replication replication = node.replication();
        if (replication == null) {
            return Objection.of("lag unknown", "no sample yet");
        }
        if (replication.lag() != null) {
            return null;
        }
        NodeState primary = topology.primary();
        Replication leading = primary == null || !primary.isUsable() ? null : primary.replication();
        boolean forked =
                leading != null && history.covers(leading.position(), replication.position()) == Coverage.UNKNOWN;
        return Objection.of("lag unknown", forked ? "on another branch than the primary" : "not measured yet");
    }

    @Override
    public String toString() {
        return "lag known";
    }
}
