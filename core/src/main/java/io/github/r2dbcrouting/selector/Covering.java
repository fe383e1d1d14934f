package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;

/** The node is known to have covered a position. */
record Covering(PositionBound required, BranchHistory history) implements NodeCondition {

    @Override
    public @Nullable Objection objection(Topology topology, NodeState node) {
        if (topology.isPrimary(node)) {
            return null;
        }
        Replication replication = node.replication();
        if (replication != null && required.coveredBy(replication.position(), history) == Coverage.YES) {
            return null;
        }
        return new Objection(
                "has not caught up",
                required.isLost() ? "is not known to show what the session has seen" : "has not covered " + required);
    }

    @Override
    public String toString() {
        return "covering " + required;
    }
}
