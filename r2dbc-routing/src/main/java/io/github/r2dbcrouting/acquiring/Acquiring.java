package io.github.r2dbcrouting.acquiring;

import io.github.r2dbcrouting.balancing.NodeLoad;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.error.AcquireTimeoutException;
import io.github.r2dbcrouting.error.NoEligibleNodeException;
import io.github.r2dbcrouting.error.Problem;
import io.github.r2dbcrouting.error.Refusals;
import io.github.r2dbcrouting.pool.Lease;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.pool.PoolRetiredException;
import io.github.r2dbcrouting.retry.FallbackGate;
import io.github.r2dbcrouting.retry.FallbackPermit;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.services.ConnectionServices.Waiting;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Takes a lease where a decision says, and confirms it: between the decision and the lease the node may have begun
 * another life, and the position that counts is that of this connection, not of its node. What does not hold is routed
 * again. Nothing has been sent at this stage, so a node that cannot be reached is simply passed over.
 */
public final class Acquiring {

    /** More than a few changes of the topology during one acquisition mean that something is wrong. */
    private static final int MOST_ROUTES = 5;

    /** A pool may also retire because its node is drained, or leaves. */
    private static final int MOST_RETIREMENTS = 50;

    /** Whoever has waited for a primary that refused connections has one more. */
    private static final int LAST_ROUTE = MOST_ROUTES - 1;

    /** What fails to be opened at the same time fails for the same reason. */
    private static final Duration ONE_BLOW = Duration.ofMillis(10);

    private final ConnectionServices services;

    Acquiring(ConnectionServices services) {
        this.services = services;
    }

    /** Decides on the latest snapshot. */
    RouteDecision decide(RouteRequest request) {
        return services.routing().router().route(services.routing().topology().current(), request);
    }

    /** Returns a cold {@link Mono} of a lease that was confirmed against the decision, or one that followed it. */
    public Mono<Confirmed> acquire(RouteDecision decision) {
        return acquire(decision, 1, null);
    }

    private Mono<Confirmed> acquire(RouteDecision decision, int route, @Nullable Throwable lastError) {
        NodeState node = decision.node();
        if (node == null) {
            return isWorthWaiting(decision, lastError)
                    ? awaitPrimary(decision).flatMap(next -> acquire(next, route, null))
                    : Mono.error(Refusals.of(decision, lastError));
        }
        if (decision.isFallback()) {
            return fallBack(decision, route);
        }
        return services.pools().isCrowded(node)
                ? elsewhere(decision, route)
                : new ConfirmedLease(
                        this, decision, node, route, services.pools().acquire(node));
    }

    /** Takes the lease at a node with room if there is one, before it waits. */
    private Mono<Confirmed> elsewhere(RouteDecision decision, int route) {
        RouteDecision past = decision.past(services.pools()::isCrowded);
        NodeState node = Objects.requireNonNull(past.node());
        if (!node.equals(decision.node())) {
            services.pools().crowds().spilled();
        }
        return new ConfirmedLease(this, past, node, route, services.pools().acquire(node));
    }

    /** Only so many reads may be on the primary for want of a replica: first a permit, then a connection that holds it. */
    private Mono<Confirmed> fallBack(RouteDecision decision, int route) {
        FallbackGate gate = services.retrying().fallbacks();
        // What its session has seen is a reason to wait for the primary as long as a write does.
        boolean session = decision.request().requiredPosition() != null;
        Mono<FallbackPermit> entered = session ? gate.enter(services.waiting().limit()) : gate.enter();
        return entered.flatMap(permit -> {
            try {
                return fallBack(permit.isLate() ? decide(decision.request()) : decision, route, permit);
            } catch (RuntimeException defect) {
                // Not even a defect may keep it.
                permit.endLoose();
                throw defect;
            }
        });
    }

    private Mono<Confirmed> fallBack(RouteDecision decision, int route, FallbackPermit permit) {
        NodeState node = decision.node();
        if (node == null || !decision.isFallback()) {
            // While it waited a replica came back, or the primary went.
            permit.endLoose();
            return acquire(decision, route, null);
        }
        Mono<Lease> lease = services.pools()
                .acquire(node)
                .doOnNext(taken -> {
                    if (permit.tie()) {
                        taken.afterwards(permit::endTied);
                    }
                })
                .doFinally(signal -> permit.endLoose());
        return new ConfirmedLease(this, decision, node, route, lease);
    }

    /**
     * Returns what follows when a lease did not hold what the decision assumed. If as far as is known the node is still the same,
     * then it has crashed and come back older than it was: until it was looked at again, it is passed over.
     */
    Mono<Confirmed> unconfirmed(RouteDecision decision, int route) {
        NodeState assumed = Objects.requireNonNull(decision.node());
        NodeState now = services.routing().topology().current().node(assumed.id());
        boolean same = now != null
                && now.isUsable()
                && now.generation() == assumed.generation()
                && now.role() == assumed.role();
        RouteRequest request = decision.request();
        if (!same || request.requiredPosition() == null || isPrimary(assumed, decision) || route >= MOST_ROUTES) {
            return anew(decision, route);
        }
        long askedAt = services.waiting().timers().now(TimeUnit.NANOSECONDS);
        services.routing().topology().refresh(assumed.id());
        RouteDecision next = decide(request.excluding(assumed.id()));
        return next.node() == null
                ? awaitNews(decision, assumed, askedAt, older(decision), route + 1)
                : acquire(next, route + 1, null);
    }

    private static NoEligibleNodeException older(RouteDecision decision) {
        return new NoEligibleNodeException(
                "a new connection to node "
                        + Objects.requireNonNull(decision.node()).id()
                        + " shows less than the node had shown, and no other node shows it; try again",
                decision.topology().nodes().stream().map(Problem::of).toList(),
                null);
    }

    /** Returns what follows when the pool of the chosen node has retired, or that has changed. */
    private Mono<Confirmed> anew(RouteDecision decision, int route) {
        return anew(decision, route, MOST_ROUTES);
    }

    private Mono<Confirmed> anew(RouteDecision decision, int route, int most) {
        return route < most
                ? acquire(decide(decision.request()), route + 1, null)
                : Mono.error(new NoEligibleNodeException(
                        "the topology changed " + route + " times while a connection was being taken; try again",
                        decision.topology().nodes().stream().map(Problem::of).toList(),
                        null));
    }

    /** Returns what follows when no connection to the chosen node could be had. */
    Mono<Confirmed> again(RouteDecision decision, int route, Throwable error) {
        RouteRequest request = decision.request();
        NodeState node = Objects.requireNonNull(decision.node());
        if (error instanceof PoolRetiredException) {
            // Each time somebody has closed a pool, which nodes that come and go may do more often.
            return anew(decision, route, MOST_RETIREMENTS);
        }
        services.pools().crowds().failed(error);
        ErrorKind kind = services.driver().dialect().kindOf(error);
        if (kind.isLostConnection()) {
            services.routing().topology().suspect(node.id(), node.generation());
            long now = services.waiting().now();
            services.routing()
                    .observed()
                    .outcomes()
                    .of(node.id(), node.generation())
                    .failedBefore(now - ONE_BLOW.toNanos(), now);
        }
        // Each node may be passed over once, but for one that the user named: its own error says most.
        int most = Math.max(MOST_ROUTES, decision.topology().nodes().size());
        if (!kind.isRetryableElsewhere() || request.hints().node() != null || route >= most) {
            return Mono.error(error);
        }
        RouteDecision next = decide(request.excluding(node.id()));
        if (next.node() == null && kind.isLostConnection() && isPrimary(node, decision)) {
            // Once, and within the time for which a statement waits for a primary.
            return route >= LAST_ROUTE
                    ? Mono.error(error)
                    : awaitNews(
                            decision, node, services.waiting().timers().now(TimeUnit.NANOSECONDS), error, LAST_ROUTE);
        }
        // Whoever has waited once for as long as was allowed does not wait again.
        return next.node() == null || (error instanceof AcquireTimeoutException && !hasRoom(next.node()))
                ? Mono.error(error)
                : acquire(next, route + 1, error);
    }

    private boolean hasRoom(NodeState node) {
        return services.pools().hasRoom(node.id());
    }

    /**
     * A primary that is missing may be back in a moment, or was not found yet: its users wait rather than fail. Nobody
     * waits for what the user has ruled out.
     */
    private static boolean isWorthWaiting(RouteDecision decision, @Nullable Throwable lastError) {
        return lastError == null
                && decision.refusal() == Refusal.NO_NODE
                && decision.topology().primary() == null
                && decision.request().hints().node() == null;
    }

    private Mono<RouteDecision> awaitPrimary(RouteDecision refused) {
        Waiting waiting = services.waiting();
        return await(refused.request(), node -> true)
                .timeout(
                        waiting.limit(),
                        Mono.error(() -> Refusals.of(decide(refused.request()), null)),
                        waiting.timers());
    }

    /**
     * Nothing was sent yet to a node that could not be reached, so its users wait as for one that is missing: until its next
     * answer, which shows whether it is still the one to go to, or until there is another.
     */
    private Mono<Confirmed> awaitNews(RouteDecision failed, NodeState node, long failedAt, Throwable error, int route) {
        Waiting waiting = services.waiting();
        return await(failed.request(), now -> isNews(now, node, failedAt))
                .timeout(
                        waiting.limit(),
                        Mono.error(() -> {
                            RouteDecision last = decide(failed.request());
                            return last.node() == null ? Refusals.of(last, error) : error;
                        }),
                        waiting.timers())
                // Outside of the limit, which would drop a connection that comes with it. Taking one has a limit of its
                // own.
                .flatMap(later -> acquire(later, route, error));
    }

    private static boolean isNews(NodeState now, NodeState failed, long failedAt) {
        Replication sample = now.replication();
        return !now.id().equals(failed.id())
                || now.generation() != failed.generation()
                || sample != null && sample.sampledAt() - failedAt > 0;
    }

    private static boolean isPrimary(NodeState node, RouteDecision decision) {
        NodeState primary = decision.topology().primary();
        return primary != null && primary.id().equals(node.id());
    }

    private Mono<RouteDecision> await(RouteRequest request, Predicate<NodeState> condition) {
        ConnectionServices.Routing routing = services.routing();
        return routing.topology()
                .topology()
                // Off the monitor's thread, before the user's load balancer is asked.
                .onBackpressureLatest()
                .publishOn(services.waiting().timers(), 1)
                .map(topology -> routing.router().route(topology, request))
                .filter(decision -> decision.node() != null && condition.test(decision.node()))
                .next()
                // Both only once the factory is closed, which ends the snapshots and their scheduler.
                .switchIfEmpty(Mono.error(NodePools::closedError))
                .onErrorMap(RejectedExecutionException.class, ended -> NodePools.closedError());
    }

    /** Returns the live numbers of a node. */
    NodeLoad load(NodeState node) {
        return services.routing().loads().of(node.id());
    }

    public boolean isConfirmed(Lease lease, RouteDecision decision) {
        ConnectionServices.Routing routing = services.routing();
        return Confirmation.of(lease).holds(decision, routing.topology().current(), routing.history())
                && isWithinBound(decision);
    }

    /** Who waited for the connection may have waited for longer than what he reads may be old. */
    private boolean isWithinBound(RouteDecision decision) {
        NodeState chosen = decision.node();
        Duration bound = decision.bound();
        if (bound == null || chosen == null || isPrimary(chosen, decision)) {
            return true;
        }
        NodeState now = services.routing().topology().current().node(chosen.id());
        Replication sample = now == null ? null : now.replication();
        Duration staleness = sample == null
                ? null
                : sample.staleness(services.waiting().timers().now(TimeUnit.NANOSECONDS));
        return staleness != null && staleness.compareTo(bound) <= 0;
    }

    /**
     * A lease that holds what its decision assumed.
     *
     * @param load the live numbers of its node
     * @param askedAt when its node was asked for it
     */
    public record Confirmed(Lease lease, RouteDecision decision, NodeLoad load, long askedAt) {}
}
