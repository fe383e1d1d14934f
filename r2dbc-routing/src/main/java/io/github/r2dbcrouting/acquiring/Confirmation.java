package io.github.r2dbcrouting.acquiring;

import io.github.r2dbcrouting.pool.Lease;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;

/**
 * What is to be confirmed of a lease before anything is sent on it. Between a decision and its lease the node may have
 * begun another life, changed its role or stopped to answer; and a replica that crashed may have come back older, so that a position counts
 * only if this connection was open when it was sampled.
 *
 * @param node the node that it is a connection to
 * @param generation the life of the node for which it was opened
 * @param openedAt when it was known to be open, on the clock of the samples
 * @param position what it told of the node's position when it was opened, or {@code null}
 */
record Confirmation(
        NodeId node,
        long generation,
        long openedAt,
        @Nullable ReplicationPosition position) {

    static Confirmation of(Lease lease) {
        return new Confirmation(
                lease.node(),
                lease.generation(),
                lease.openedAt(),
                lease.connection().setUp().position());
    }

    /** Returns whether the connection is what the decision assumed, as far as the present snapshot tells. */
    boolean holds(RouteDecision decision, Topology present, BranchHistory history) {
        NodeState assumed = decision.node();
        NodeState now = present == decision.topology() ? assumed : present.node(node);
        if (assumed == null || now == null || !now.isUsable()) {
            return false;
        }
        if (now.generation() != generation || now.role() != assumed.role()) {
            return false;
        }
        PositionBound required = decision.request().requiredPosition();
        return required == null
                || now.equals(present.primary())
                || covers(position, required, history)
                || covers(sampledWhileOpen(now), required, history);
    }

    private @Nullable ReplicationPosition sampledWhileOpen(NodeState state) {
        Replication replication = state.replication();
        return replication != null && replication.sampledAt() - openedAt >= 0 ? replication.position() : null;
    }

    private static boolean covers(
            @Nullable ReplicationPosition reached, PositionBound required, BranchHistory history) {
        return reached != null && required.coveredBy(reached, history) == Coverage.YES;
    }
}
