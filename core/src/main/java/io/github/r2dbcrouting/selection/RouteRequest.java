package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a statement or a transaction asks of a node.
 *
 * @param access whether it reads or writes
 * @param hints the user's wishes
 * @param requiredPosition what the node must have covered, or {@code null} for nothing
 * @param preferredNode the node to take if it is eligible, as it served the last read; {@code null} for none
 * @param excludedNodes nodes that just failed this very statement
 * @param lot tells those reads that go to replicas from others while operators send only a share of them there: the same for all of a
 *     session, 0 to 99; negative for none
 * @param heavy whether it is a read that has been observed to cost much, and so is for nodes that are meant for such
 */
public record RouteRequest(
        Access access,
        RoutingHints hints,
        @Nullable PositionBound requiredPosition,
        @Nullable NodeId preferredNode,
        Set<NodeId> excludedNodes,
        int lot,
        boolean heavy) {

    private static final int NO_LOT = -1;

    public RouteRequest {
        excludedNodes = Set.copyOf(excludedNodes);
    }

    /** Creates a request without a lot. */
    public RouteRequest(
            Access access,
            RoutingHints hints,
            @Nullable PositionBound requiredPosition,
            @Nullable NodeId preferredNode,
            Set<NodeId> excludedNodes) {
        this(access, hints, requiredPosition, preferredNode, excludedNodes, NO_LOT, false);
    }

    /** The plain read: no wishes, no position. */
    public static final RouteRequest READ = new RouteRequest(Access.READ, RoutingHints.NONE, null, null, Set.of());

    /** The plain write. */
    public static final RouteRequest WRITE = new RouteRequest(Access.WRITE, RoutingHints.NONE, null, null, Set.of());

    /** Returns the same request for nodes that have covered a bound. */
    public RouteRequest requiring(PositionBound bound) {
        return new RouteRequest(access, hints, bound, preferredNode, excludedNodes, lot, heavy);
    }

    /** Returns the same request, for a node above others if it is eligible. */
    public RouteRequest preferring(NodeId node) {
        return new RouteRequest(access, hints, requiredPosition, node, excludedNodes, lot, heavy);
    }

    /** Returns the same request with one more node excluded. */
    public RouteRequest excluding(NodeId node) {
        Set<NodeId> excluded = new HashSet<>(excludedNodes);
        excluded.add(node);
        return new RouteRequest(access, hints, requiredPosition, preferredNode, Set.copyOf(excluded), lot, heavy);
    }

    /** Returns the same request with other wishes. */
    public RouteRequest wishing(RoutingHints others) {
        return new RouteRequest(access, others, requiredPosition, preferredNode, excludedNodes, lot, heavy);
    }

    /**
     * Returns the same request with a lot.
     *
     * @param number 0 to 99
     */
    public RouteRequest ofLot(int number) {
        return new RouteRequest(access, hints, requiredPosition, preferredNode, excludedNodes, number, heavy);
    }

    /** Returns the same request as one of a heavy read. */
    public RouteRequest asHeavy() {
        return new RouteRequest(access, hints, requiredPosition, preferredNode, excludedNodes, lot, true);
    }
}
