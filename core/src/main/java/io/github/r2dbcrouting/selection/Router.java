package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.Topology;

/** Chooses the node for a statement, from one snapshot and without waiting, locking or I/O. */
@FunctionalInterface
public interface Router {

    /**
     * Decides. Never fails and never returns a node that is not usable: a request that no node satisfies is refused,
     * with a {@code null} {@linkplain RouteDecision#node() node} and the reason.
     */
    RouteDecision route(Topology topology, RouteRequest request);
}
