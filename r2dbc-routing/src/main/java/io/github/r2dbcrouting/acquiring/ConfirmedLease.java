package io.github.r2dbcrouting.acquiring;

import io.github.r2dbcrouting.acquiring.Acquiring.Confirmed;
import io.github.r2dbcrouting.balancing.NodeLoad;
import io.github.r2dbcrouting.error.AcquireQueueFullException;
import io.github.r2dbcrouting.error.AcquireTimeoutException;
import io.github.r2dbcrouting.pool.Lease;
import io.github.r2dbcrouting.pool.PoolRetiredException;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * A lease that holds what its decision assumed. It stands in every statement's way, so what nearly always happens is one
 * step here; whatever else may happen follows as {@link Acquiring} says.
 */
final class ConfirmedLease extends Mono<Confirmed> {

    private final Acquiring acquiring;
    private final RouteDecision decision;
    private final NodeLoad load;
    private final int route;
    private final Mono<Lease> lease;

    ConfirmedLease(Acquiring acquiring, RouteDecision decision, NodeState node, int route, Mono<Lease> lease) {
        this.acquiring = acquiring;
        this.decision = decision;
        this.load = acquiring.load(node);
        this.route = route;
        this.lease = lease;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Confirmed> actual) {
        First first = new First(actual);
        actual.onSubscribe(first);
        lease.subscribe(first);
    }

    /** Takes the first lease. A lease that comes after a cancel is passed on, since it is the taker's to give back. */
    private final class First implements CoreSubscriber<Lease>, Subscription {

        private static final AtomicReferenceFieldUpdater<First, Subscription> UPSTREAM =
                AtomicReferenceFieldUpdater.newUpdater(First.class, Subscription.class, "upstream");

        private final CoreSubscriber<? super Confirmed> actual;

        private static final AtomicIntegerFieldUpdater<First> WAITS =
                AtomicIntegerFieldUpdater.newUpdater(First.class, "waits");

        @SuppressWarnings("UnusedVariable") // Only its updater uses it.
        private volatile @Nullable Subscription upstream;

        /** 1 for as long as it waits, and so is in flight at the node. */
        @SuppressWarnings("UnusedVariable") // Only its updater uses it.
        private volatile int waits = 1;

        private final long askedAt;

        private boolean done;

        First(CoreSubscriber<? super Confirmed> actual) {
            this.actual = actual;
            this.askedAt = load.began();
        }

        /** Returns whether it has waited until now. */
        private boolean waitsNoMore() {
            boolean waited = WAITS.compareAndSet(this, 1, 0);
            if (waited) {
                load.ended();
            }
            return waited;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            follow(subscription);
        }

        @Override
        public void onNext(Lease taken) {
            done = true;
            waitsNoMore();
            if (acquiring.isConfirmed(taken, decision)) {
                actual.onNext(new Confirmed(taken, decision, load, askedAt));
                actual.onComplete();
            } else {
                taken.release();
                next(() -> acquiring.unconfirmed(decision, route));
            }
        }

        @Override
        public void onError(Throwable error) {
            done = true;
            if (waitsNoMore() && saysIllOfTheNode(error)) {
                load.failed(askedAt);
            }
            next(() -> acquiring.again(decision, route, error));
        }

        @Override
        public void onComplete() {
            if (!done) {
                waitsNoMore();
                actual.onComplete();
            }
        }

        /** A pool of ours that is exhausted, or has retired, does not. */
        private static boolean saysIllOfTheNode(Throwable error) {
            return !(error instanceof PoolRetiredException
                    || error instanceof AcquireTimeoutException
                    || error instanceof AcquireQueueFullException);
        }

        /** Deferred, so that a defect ends it too. */
        private void next(Supplier<Mono<Confirmed>> way) {
            Mono.defer(way).subscribe(new Next(this));
        }

        private void follow(Subscription subscription) {
            if (Operators.replace(UPSTREAM, this, subscription)) {
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void request(long n) {
            // One lease was asked for with the subscription.
        }

        @Override
        public void cancel() {
            if (waitsNoMore()) {
                load.unanswered(askedAt);
            }
            Operators.terminate(UPSTREAM, this);
        }
    }

    /** Takes the place of the first one. */
    private record Next(First first) implements CoreSubscriber<Confirmed> {

        @Override
        public Context currentContext() {
            return first.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            first.follow(subscription);
        }

        @Override
        public void onNext(Confirmed confirmed) {
            first.actual.onNext(confirmed);
        }

        @Override
        public void onError(Throwable error) {
            first.actual.onError(error);
        }

        @Override
        public void onComplete() {
            first.actual.onComplete();
        }
    }
}
