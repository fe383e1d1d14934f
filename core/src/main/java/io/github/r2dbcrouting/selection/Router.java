package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.Topology;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Chooses the node for a statement, from one snapshot and without waiting, locking or I/O. */
public interface Router {

    /**
     * Decides. Never fails and never returns a node that is not usable: a request that no node satisfies is refused,
     * with a {@code null} {@linkplain RouteDecision#node() node} and the reason.
     */
    RouteDecision route(Topology topology, RouteRequest request);

    /**
     * Decides on what is not carried out, only looked at: of several nodes that would do it shows one, and the load balancer, which
     * may take turns, is not asked.
     */
    RouteDecision preview(Topology topology, RouteRequest request);

    /**
     * Returns a router that sends reads to replicas and everything else to the primary, as the {@linkplain RouteRequest
     * request} and its {@linkplain RoutingHints hints} ask. Safe for concurrent use; it derives what a snapshot means
     * once and keeps that for the latest snapshot only.
     *
     * @param settings what a replica must be like to serve reads
     * @param history tells whether a replica has covered a required position; asked on every such decision
     * @param clock the clock of the samples, in nanoseconds; asked only where a bound of staleness was asked for
     */
    static Router of(SelectionSettings settings, BranchHistory history, LongSupplier clock) {
        return of(settings, history, clock, new NodeLoads(clock), () -> Overrides.NONE);
    }

    /**
     * Returns such a router among nodes of which more is known.
     *
     * @param loads the live numbers of the nodes
     * @param overrides what operators have switched; asked once for each decision, so it must be quick
     */
    static Router of(
            SelectionSettings settings,
            BranchHistory history,
            LongSupplier clock,
            NodeLoads loads,
            Supplier<Overrides> overrides) {
        return new SnapshotRouter(settings, history, clock, loads, overrides);
    }
}
