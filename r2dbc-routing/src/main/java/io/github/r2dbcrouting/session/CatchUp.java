package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.Requirement;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Decides on reads that must see what their session has seen. Where a replica is known to show it, that costs nothing. Else the
 * primary and the replicas are sampled more often, by one probe each for all who wait, until a replica shows it; and if that takes
 * longer than the read has patience, or is expected to, it goes to the primary.
 */
public final class CatchUp {

    private static final Logger logger = LoggerFactory.getLogger(CatchUp.class);

    private static final RoutingHints ANY_LEVEL = RoutingHints.of(Consistency.eventual());

    private final TopologySource source;
    private final Router router;
    private final Duration patience;
    private final Scheduler timers;
    private final CatchUpTimes times = new CatchUpTimes();

    /**
     * Creates it for the nodes of a factory.
     *
     * @param patience how long a read waits for a replica; positive
     * @param timers times it, calls back those who waited, and is the clock that samples are timed with
     */
    public CatchUp(TopologySource source, Router router, Duration patience, Scheduler timers) {
        this.source = source;
        this.router = router;
        this.patience = patience;
        this.timers = timers;
    }

    /**
     * Decides at once, or returns {@code null} if it takes waiting.
     *
     * @param request the read, without a required position
     */
    public @Nullable RouteDecision decide(ConsistencySession session, Level level, RouteRequest request) {
        return decide(source.current(), session, level, ofAnyLevel(request));
    }

    /**
     * Returns a cold {@link Mono} of the decision on a read that has to wait: on a replica that has caught up, or on the primary if
     * none has when the patience is over. Cancelling gives up the wait. It never fails.
     */
    public Mono<RouteDecision> await(ConsistencySession session, Level level, RouteRequest asked) {
        RouteRequest request = ofAnyLevel(asked);
        return Mono.defer(() -> {
            Topology present = source.current();
            if (!isWorthWaiting(present)) {
                return Mono.just(unsatisfied(present, request));
            }
            long since = now();
            return source.topology()
                    .onBackpressureLatest()
                    .publishOn(timers, 1)
                    .<RouteDecision>handle((topology, sink) -> {
                        RouteDecision decision = decide(topology, session, level, request);
                        if (decision != null) {
                            sink.next(decision);
                        } else {
                            sample(topology);
                        }
                    })
                    .next()
                    .doOnNext(decision -> noteWait(decision, since))
                    .timeout(patience, Mono.fromSupplier(() -> givenUp(request, since)), timers)
                    // Only when the factory is closed: then the next step says so.
                    .switchIfEmpty(Mono.fromSupplier(() -> unsatisfied(source.current(), request)));
        });
    }

    /** What the level asks for is looked after here; the router would send it to the primary. */
    private static RouteRequest ofAnyLevel(RouteRequest request) {
        return new RouteRequest(
                request.access(),
                ANY_LEVEL.or(request.hints()),
                request.requiredPosition(),
                request.preferredNode(),
                request.excludedNodes());
    }

    private @Nullable RouteDecision decide(
            Topology topology, ConsistencySession session, Level level, RouteRequest request) {
        Requirement requirement = session.requirement(level, topology, now());
        if (requirement.possiblyLost()) {
            logger.warn(
                    "a session wrote to a primary that has been replaced before its position was known: "
                            + "whether epoch {} has that write is not known",
                    topology.epoch());
        }
        return switch (requirement.kind()) {
            case NONE -> router.route(topology, request);
            case PRIMARY -> unsatisfied(topology, request);
            case COVERED -> covered(requirement, topology, request);
            case FENCED, WRITING -> stayed(requirement, topology, request);
        };
    }

    private @Nullable RouteDecision covered(Requirement requirement, Topology topology, RouteRequest request) {
        RouteDecision decision = router.route(topology, request.requiring(requirement.bound()));
        return isForReplica(decision) || !isReadByReplicas(topology, request) ? decision : null;
    }

    /** What is not known as a position yet is known to be shown by the node of the last read, if that node will do otherwise. */
    private @Nullable RouteDecision stayed(Requirement requirement, Topology topology, RouteRequest request) {
        NodeId last = requirement.lastRead();
        if (last == null) {
            return isReadByReplicas(topology, request) ? null : unsatisfied(topology, request);
        }
        RouteRequest there = request.requiring(requirement.bound()).preferring(last);
        for (NodeState node : topology.nodes()) {
            if (isReplica(node) && !node.id().equals(last)) {
                // Nor may it be decided on later, when no connection to the right one can be had.
                there = there.excluding(node.id());
            }
        }
        RouteDecision decision = router.route(topology, there);
        NodeState node = decision.node();
        return node != null && node.id().equals(last) ? decision : null;
    }

    /** Decides as if no replica could ever catch up. */
    private RouteDecision unsatisfied(Topology topology, RouteRequest request) {
        return router.route(topology, request.requiring(PositionBound.LOST));
    }

    private RouteDecision givenUp(RouteRequest request, long since) {
        Topology topology = source.current();
        for (NodeState node : topology.nodes()) {
            if (isReplica(node)) {
                // It takes longer than this; how much longer, nobody has waited to see.
                times.waited(node.id(), 2 * (now() - since), now());
            }
        }
        return unsatisfied(topology, request);
    }

    private void noteWait(RouteDecision decision, long since) {
        NodeState node = decision.node();
        if (node != null && isReplica(node)) {
            times.waited(node.id(), now() - since, now());
        }
    }

    /** Returns whether a replica may catch up within the patience, as far as those before have found; without a primary always. */
    private boolean isWorthWaiting(Topology topology) {
        if (topology.primary() == null) {
            return true;
        }
        for (NodeState node : topology.nodes()) {
            if (isReplica(node) && times.expected(node.id(), now()) <= patience.toNanos()) {
                return true;
            }
        }
        return false;
    }

    private void sample(Topology topology) {
        for (NodeState node : topology.nodes()) {
            if (node.isUsable()) {
                source.refresh(node.id());
            }
        }
    }

    /** Returns whether a replica would serve the request but for what the session has seen: only then it may catch up. */
    private boolean isReadByReplicas(Topology topology, RouteRequest request) {
        return isForReplica(router.route(topology, request));
    }

    private static boolean isForReplica(RouteDecision decision) {
        NodeState node = decision.node();
        return node != null && !node.equals(decision.topology().primary());
    }

    private static boolean isReplica(NodeState node) {
        return node.isUsable() && node.role() == NodeRole.REPLICA;
    }

    private long now() {
        return timers.now(TimeUnit.NANOSECONDS);
    }
}
