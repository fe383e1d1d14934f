package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.StaleConnectionException;
import io.github.r2dbcrouting.error.AcquireTimeoutException;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.pool.PoolMetrics;
import io.r2dbc.spi.Connection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.pool.PoolShutdownException;
import reactor.util.context.Context;

/**
 * Lends one connection. An idle one is handed over without a timer; only who has to wait is timed. Connections that turn
 * out to be closed are passed over. A connection that arrives after its taker has gone goes back to the pool.
 */
final class LeaseMono extends Mono<Lease> {

    private final PoolGeneration generation;
    private final NodeId node;
    private final PoolSettings settings;
    private final Scheduler scheduler;

    LeaseMono(PoolGeneration generation, NodeId node, PoolSettings settings, Scheduler scheduler) {
        this.generation = generation;
        this.node = node;
        this.settings = settings;
        this.scheduler = scheduler;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Lease> actual) {
        Acquisition acquisition = new Acquisition(actual);
        actual.onSubscribe(acquisition);
        acquisition.start();
    }

    private AcquireTimeoutException timedOut() {
        PoolMetrics numbers = generation.metrics();
        return new AcquireTimeoutException("node " + node + ": no connection became free within "
                + settings.acquireTimeout().toMillis() + " ms: " + numbers.acquiredSize() + " in use, "
                + numbers.idleSize() + " idle, " + numbers.pendingAcquireSize() + " waiting, limit "
                + settings.maxSize()
                + "; raise maxSize or acquireTimeout, or look for results that are never consumed");
    }

    /** One acquisition; it ends exactly once: served, failed, timed out or cancelled. */
    private final class Acquisition implements CoreSubscriber<Connection>, Subscription, Runnable {

        private static final int WAITING = 0;
        private static final int ENDED = 1;

        private final CoreSubscriber<? super Lease> actual;
        private final AtomicInteger state = new AtomicInteger(WAITING);
        private final Disposable.Swap timer = Disposables.swap();
        private volatile @Nullable Subscription upstream;
        private int passedOver;

        Acquisition(CoreSubscriber<? super Lease> actual) {
            this.actual = actual;
        }

        void start() {
            generation.acquire().subscribe(this);
            if (state.get() == WAITING && timer.get() == null) {
                timer.replace(scheduler.schedule(this, settings.acquireTimeout().toNanos(), TimeUnit.NANOSECONDS));
                if (state.get() == ENDED) {
                    timer.dispose();
                }
            }
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            if (state.get() == ENDED) {
                subscription.cancel();
            } else {
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(Connection pooled) {
            Lease lease = generation.lease(pooled);
            if (end()) {
                actual.onNext(lease);
                actual.onComplete();
            } else {
                lease.release();
            }
        }

        @Override
        public void onError(Throwable error) {
            if (error instanceof StaleConnectionException && passedOver++ < settings.maxSize()) {
                generation.acquire().subscribe(this);
            } else if (end()) {
                actual.onError(error instanceof PoolShutdownException ? new PoolRetiredException(error) : error);
            } else {
                Operators.onErrorDropped(error, actual.currentContext());
            }
        }

        @Override
        public void onComplete() {
            if (end()) {
                actual.onError(new IllegalStateException("node " + node + ": its pool completed without a connection"));
            }
        }

        @Override
        public void request(long n) {
            // One connection was asked for when the acquisition began.
        }

        @Override
        public void cancel() {
            if (end()) {
                cancelUpstream();
            }
        }

        /** The timer. */
        @Override
        public void run() {
            if (end()) {
                cancelUpstream();
                actual.onError(timedOut());
            }
        }

        private boolean end() {
            if (state.compareAndSet(WAITING, ENDED)) {
                timer.dispose();
                return true;
            }
            return false;
        }

        private void cancelUpstream() {
            Subscription subscription = upstream;
            if (subscription != null) {
                subscription.cancel();
            }
        }
    }
}
