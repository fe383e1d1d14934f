package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.ReadPoint;
import io.github.r2dbcrouting.consistency.Requirement;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Decides on reads that must see what their session has seen. Where a replica is known to show it, that costs nothing. Else the
 * primary and the replicas are sampled more often, by one probe each for all who wait, until a replica shows it; and if that takes
 * longer than the read has patience, or is expected to, it goes to the primary.
 */
public final class CatchUp {

    private static final RoutingHints ANY_LEVEL = RoutingHints.of(Consistency.eventual());

    private final TopologySource source;
    private final Router router;
    private final ConsistencySettings settings;
    private final boolean hasDefault;
    private final Duration patience;
    private final Duration writeLimit;
    private final Scheduler timers;
    private final LongSupplier extraLag;
    private final CatchUpTimes times;
    private final CatchUpTally tally = new CatchUpTally();
    private final SessionReports reports;

    /**
     * Creates it for the nodes of a factory.
     *
     * @param hasDefault whether the router takes reads that ask for no level for ones that do
     * @param writeLimit how long a read waits for the end of a write from which it follows; positive
     * @param timers times it, calls back those who waited, and is the clock that samples are timed with
     * @param extraLag by how much more than is configured replicas may be behind at this moment, in nanoseconds
     */
    public CatchUp(
            TopologySource source,
            Router router,
            boolean hasDefault,
            ConsistencySettings settings,
            Duration writeLimit,
            Scheduler timers,
            LongSupplier extraLag) {
        this.source = source;
        this.router = router;
        this.hasDefault = hasDefault;
        this.settings = settings;
        this.patience = settings.catchUpTimeout();
        this.times = new CatchUpTimes(patience.toNanos());
        this.writeLimit = writeLimit;
        this.timers = timers;
        this.extraLag = extraLag;
        this.reports = new SessionReports(timers);
    }

    /** Returns what tells of the writes that failovers have cost sessions. */
    public SessionReports reports() {
        return reports;
    }

    /**
     * Decides at once, or returns {@code null} if it takes waiting.
     *
     * @param session whose writes and reads count, {@code null} for {@link Level#STRONG}, which asks for everybody's
     * @param request the read, without a required position
     */
    public @Nullable RouteDecision decide(@Nullable ConsistencySession session, Level level, RouteRequest request) {
        Topology topology = source.current();
        RouteRequest anyLevel = ofAnyLevel(request);
        if (session == null || level == Level.STRONG) {
            return isReadByReplicas(topology, anyLevel) ? null : router.route(topology, request);
        }
        Requirement requirement = session.requirement(level, topology, session.isTimed() ? graceTime() : 0);
        if (requirement.kind() == Requirement.Kind.WRITING) {
            ReadPoint point = session.readPoint(level);
            if (point.followsAWrite()) {
                return null;
            }
            // The write may have ended since: then replicas are waited for, as after any other.
            requirement = point.requirement(topology, graceTime());
        }
        RouteDecision decision = decide(requirement, topology, anyLevel);
        if (decision != null) {
            taken(session, level, decision);
        }
        return decision;
    }

    /**
     * Decides on a read for which there is no room on the primary, which alone shows what its session has seen: on a replica that may show
     * less. Returns {@code null} if none would do.
     */
    public @Nullable RouteDecision decideStale(RouteRequest request) {
        RouteDecision decision = router.route(source.current(), ofAnyLevel(request));
        if (!isForReplica(decision)) {
            return null;
        }
        tally.stale();
        return decision;
    }

    /** Notes where a read goes instead of the node that was decided on, and that gave it no connection or showed too little. */
    public void taken(ConsistencySession session, Level level, RouteDecision decision) {
        if (level == Level.SESSION && session.hasReadOnReplicas()) {
            noteWeakening(decision);
        }
    }

    /**
     * Returns a cold {@link Mono} of the decision on a read that has to wait: on a replica that has caught up, or on the primary if
     * none has when the patience is over. What the read has to see is what has happened by the time of the subscription. Cancelling
     * gives up the wait. It never fails.
     *
     * @param session as for {@link #decide}
     */
    public Mono<RouteDecision> await(@Nullable ConsistencySession session, Level level, RouteRequest asked) {
        RouteRequest request = ofAnyLevel(asked);
        return Mono.defer(() -> {
            ReadPoint point = session == null || level == Level.STRONG
                    ? ReadPoint.ofEverythingBefore(source.current().epoch(), now())
                    : session.readPoint(level);
            Mono<RouteDecision> decision = Mono.defer(() -> await(point, request))
                    .doOnNext(found -> {
                        if (point.hasReadOnReplicas()) {
                            noteWeakening(found);
                        }
                    });
            return point.followsAWrite()
                    ? point.whenWritten(point.isShared() ? patience : writeLimit, timers)
                            .publishOn(timers)
                            .then(decision)
                    : decision;
        });
    }

    private Mono<RouteDecision> await(ReadPoint point, RouteRequest request) {
        Topology present = source.current();
        RouteDecision atOnce = decide(point.requirement(present, graceTime()), present, request);
        if (atOnce != null) {
            return Mono.just(atOnce);
        }
        if (!isWorthWaiting(present)) {
            tally.unpromising();
            return Mono.just(unsatisfied(point, present, request));
        }
        long since = now();
        tally.waiting();
        return source.topology()
                .onBackpressureLatest()
                .publishOn(timers, 1)
                .<RouteDecision>handle((topology, sink) -> {
                    Requirement requirement = point.requirement(topology, graceTime());
                    RouteDecision decision = decide(requirement, topology, request);
                    if (decision != null) {
                        sink.next(decision);
                    } else {
                        sample(requirement, topology);
                    }
                })
                .next()
                .doOnNext(decision -> noteWait(decision, since))
                .timeout(patience, Mono.fromSupplier(() -> givenUp(point, request, since)), timers)
                // Only when the factory is closed: then the next step says so.
                .switchIfEmpty(Mono.fromSupplier(() -> unsatisfied(point, source.current(), request)));
    }

    /** Drops what is known of a node that has gone. */
    public void forget(NodeId node) {
        times.forget(node);
    }

    /** Returns how often reads have waited, and what came of it. */
    public CatchUpCounts counts() {
        return tally.counts();
    }

    /** What the level asks for is looked after here; the router would send it to the primary. */
    private RouteRequest ofAnyLevel(RouteRequest request) {
        if (!hasDefault && request.hints().consistency() == null) {
            return request;
        }
        return request.wishing(ANY_LEVEL.or(request.hints()));
    }

    private @Nullable RouteDecision decide(Requirement requirement, Topology topology, RouteRequest request) {
        reports.report(requirement.loss());
        return switch (requirement.kind()) {
            case NONE -> router.route(topology, request);
            case PRIMARY, WRITING -> onPrimary(topology, request);
            case COVERED -> covered(requirement, topology, request);
            case FENCED -> stayed(requirement, topology, request);
        };
    }

    private @Nullable RouteDecision covered(Requirement requirement, Topology topology, RouteRequest request) {
        RouteDecision decision = router.route(topology, request.requiring(requirement.bound()));
        // Where the nearest node is asked for, the primary is not what is left when no replica will do.
        boolean wanted = decision.node() != null && !decision.isInsteadOfReplica();
        return wanted || isForReplica(decision) || !isReadByReplicas(topology, request) ? decision : null;
    }

    /** What is not known as a position yet is known to be shown by the node of the last read, if that node will do otherwise. */
    private @Nullable RouteDecision stayed(Requirement requirement, Topology topology, RouteRequest request) {
        NodeId last = requirement.lastRead();
        if (last == null) {
            return isReadByReplicas(topology, request) ? null : onPrimary(topology, request);
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
        if (node != null && node.id().equals(last)) {
            return decision;
        }
        // Where operators or hints keep it from all replicas, there is nothing to wait for.
        return isReadByReplicas(topology, request) ? null : onPrimary(topology, request);
    }

    /** Decides as if no replica could ever catch up. */
    private RouteDecision onPrimary(Topology topology, RouteRequest request) {
        return router.route(topology, request.requiring(PositionBound.LOST));
    }

    /** Decides though no replica is known to show what the read has to see: on the primary, as far as there is one. */
    private RouteDecision unsatisfied(ReadPoint point, Topology topology, RouteRequest request) {
        Requirement requirement = point.requirement(topology, graceTime());
        if (topology.primary() == null && (settings.allowStale() || point.isShared())) {
            tally.stale();
            return router.route(topology, request);
        }
        // While there is no primary, whoever waits for one takes a replica that has caught up as well.
        boolean known = topology.primary() == null && requirement.kind() == Requirement.Kind.COVERED;
        return known ? router.route(topology, request.requiring(requirement.bound())) : onPrimary(topology, request);
    }

    private void noteWeakening(RouteDecision decision) {
        if (decision.node() != null && !isForReplica(decision)) {
            tally.weakened();
        }
    }

    private RouteDecision givenUp(ReadPoint point, RouteRequest request, long since) {
        Topology topology = source.current();
        for (NodeState node : topology.nodes()) {
            if (isReplica(node)) {
                // It takes longer than this; how much longer, nobody has waited to see.
                times.waited(node.id(), 2 * (now() - since), now());
            }
        }
        tally.waitedInVain();
        return unsatisfied(point, topology, request);
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
            if (isReplica(node) && !times.isLate(node.id())) {
                return true;
            }
        }
        return times.takeTrial(now());
    }

    /** The primary is asked for what is not known as a position yet, and for nothing else: it is to be spared. */
    private void sample(Requirement requirement, Topology topology) {
        for (NodeState node : topology.nodes()) {
            boolean isOfUse = requirement.kind() == Requirement.Kind.FENCED || !node.equals(topology.primary());
            if (node.isUsable() && isOfUse) {
                source.refresh(node.id(), requirement.bound());
            }
        }
    }

    /** Returns whether a replica would serve the request but for what the session has seen: only then it may catch up. */
    private boolean isReadByReplicas(Topology topology, RouteRequest request) {
        return isForReplica(router.preview(topology, request));
    }

    private static boolean isForReplica(RouteDecision decision) {
        NodeState node = decision.node();
        return node != null && !node.equals(decision.topology().primary());
    }

    private static boolean isReplica(NodeState node) {
        return node.isUsable() && node.role() == NodeRole.REPLICA;
    }

    /** The time by which sessions begin to trust replicas again: later the further these may be behind. */
    private long graceTime() {
        return now() - extraLag.getAsLong();
    }

    private long now() {
        return timers.now(TimeUnit.NANOSECONDS);
    }
}
