package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import java.util.Set;

/** Requests in the shortest words. */
final class Requests {

    static final RouteRequest UNKNOWN = new RouteRequest(Access.UNKNOWN, RoutingHints.NONE, null, null, Set.of());

    private Requests() {}

    static RouteRequest on(RouteRequest request, String node) {
        return hinted(request, RoutingHints.of(new NodeId(node)));
    }

    static RouteRequest on(RouteRequest request, NodeRole role) {
        return hinted(request, RoutingHints.of(role));
    }

    static RouteRequest hinted(RouteRequest request, RoutingHints hints) {
        return new RouteRequest(
                request.access(), hints, request.requiredPosition(), request.preferredNode(), request.excludedNodes());
    }

    static RouteRequest requiring(RouteRequest request, ReplicationPosition position) {
        return new RouteRequest(
                request.access(),
                request.hints(),
                PositionBound.of(position),
                request.preferredNode(),
                request.excludedNodes());
    }

    static RouteRequest preferring(RouteRequest request, String node) {
        return new RouteRequest(
                request.access(),
                request.hints(),
                request.requiredPosition(),
                new NodeId(node),
                request.excludedNodes());
    }

    static RouteRequest without(RouteRequest request, String... nodes) {
        for (String node : nodes) {
            request = request.excluding(new NodeId(node));
        }
        return request;
    }
}
