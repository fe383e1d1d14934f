package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.dialect.StaleConnectionException;
import io.github.r2dbcrouting.error.AcquireQueueFullException;
import io.github.r2dbcrouting.error.AcquireTimeoutException;
import io.github.r2dbcrouting.error.ServerSaturatedException;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.pool.PoolShutdownException;
import reactor.util.context.Context;

/**
 * Lends one connection. An idle one is handed over without a timer; only who has to wait is timed. Connections that turn
 * out to be closed are passed over. A connection that arrives after its taker has gone goes back to the pool.
 */
final class LeaseMono extends Mono<Lease> {

    private static final Logger logger = LoggerFactory.getLogger(LeaseMono.class);

    private final PoolGeneration generation;
    private final NodeConnections connections;
    private final NodeId node;
    private final PoolSettings settings;
    private final DeadlineWatch watch;

    LeaseMono(PoolGeneration generation, NodeConnections connections, PoolSettings settings, DeadlineWatch watch) {
        this.generation = generation;
        this.connections = connections;
        this.node = connections.calls().node();
        this.settings = settings;
        this.watch = watch;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Lease> actual) {
        Acquisition acquisition = new Acquisition(actual);
        actual.onSubscribe(acquisition);
        acquisition.start();
    }

    private AcquireTimeoutException timedOut() {
        return new AcquireTimeoutException(node, settings.queue().acquireTimeout(), generation.numbers());
    }

    private Throwable explain(Throwable error) {
        if (error instanceof PoolShutdownException) {
            return new PoolRetiredException(error);
        }
        return error instanceof R2dbcException refusal
                        && !(error instanceof StaleConnectionException)
                        && connections.calls().kindOf(error) == ErrorKind.SATURATION
                ? new ServerSaturatedException(node, generation.numbers(), connections.serverLimit(), refusal)
                : error;
    }

    /**
     * One acquisition; it ends exactly once: served, failed, timed out or cancelled. It forgets its taker then, since a
     * socket refers for as long as it is open to whoever had it opened, and would keep the taker, its virtual connection
     * and their factory from being collected.
     */
    private final class Acquisition implements CoreSubscriber<Connection>, Subscription, DeadlineWatch.Watched {

        private final AtomicReference<@Nullable CoreSubscriber<? super Lease>> waiting;
        private volatile @Nullable Subscription upstream;
        private int passedOver;

        Acquisition(CoreSubscriber<? super Lease> taker) {
            this.waiting = new AtomicReference<>(taker);
        }

        void start() {
            generation.entered();
            if (generation.isQueueFull()) {
                refuse();
                return;
            }
            generation.acquire().subscribe(this);
            if (!hasEnded()) {
                watch.watch(this);
            }
        }

        /** By us: r2dbc-pool, set to a limit, may turn away who has waited longest. */
        private void refuse() {
            CoreSubscriber<? super Lease> taker = endUnserved();
            if (taker != null) {
                taker.onError(
                        new AcquireQueueFullException(node, settings.queue().acquireQueue(), generation.numbers()));
            }
        }

        @Override
        public Context currentContext() {
            CoreSubscriber<? super Lease> taker = waiting.get();
            return taker == null ? Context.empty() : taker.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            if (hasEnded()) {
                subscription.cancel();
            } else {
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(Connection pooled) {
            Lease lease = generation.lease(pooled);
            CoreSubscriber<? super Lease> taker = end();
            if (taker == null) {
                generation.entered();
                lease.release();
            } else if (lease.cutOffSince() != null) {
                lease.discard();
                taker.onError(new PoolRetiredException(null));
            } else {
                handOver(lease, taker);
            }
        }

        /** On the connection's own event loop, where the statement is best made. */
        private static void handOver(Lease lease, CoreSubscriber<? super Lease> taker) {
            if (!lease.connection().runOnEventLoop(() -> emit(lease, taker))) {
                emit(lease, taker);
            }
        }

        private static void emit(Lease lease, CoreSubscriber<? super Lease> taker) {
            taker.onNext(lease);
            taker.onComplete();
        }

        @Override
        public void onError(Throwable error) {
            if (error instanceof StaleConnectionException && passedOver++ < settings.maxSize()) {
                generation.acquire().subscribe(this);
                return;
            }
            CoreSubscriber<? super Lease> taker = endUnserved();
            if (taker == null) {
                logger.debug("an acquisition failed after its taker had gone", error);
            } else {
                taker.onError(explain(error));
            }
        }

        @Override
        public void onComplete() {
            CoreSubscriber<? super Lease> taker = endUnserved();
            if (taker != null) {
                taker.onError(new IllegalStateException("node " + node + ": its pool completed without a connection"));
            }
        }

        @Override
        public void request(long n) {
            // One connection was asked for when the acquisition began.
        }

        @Override
        public void cancel() {
            if (endUnserved() != null) {
                cancelUpstream();
            }
        }

        @Override
        public void overdue() {
            CoreSubscriber<? super Lease> taker = endUnserved();
            if (taker != null) {
                // Before it is one less that waits.
                AcquireTimeoutException error = timedOut();
                cancelUpstream();
                taker.onError(error);
            }
        }

        @Override
        public void futile() {
            CoreSubscriber<? super Lease> taker = endUnserved();
            if (taker != null) {
                cancelUpstream();
                taker.onError(new PoolRetiredException(null));
            }
        }

        @Override
        public boolean hasEnded() {
            return waiting.get() == null;
        }

        /** Returns the taker to whoever ends the acquisition, and {@code null} to everybody else. */
        private @Nullable CoreSubscriber<? super Lease> end() {
            return waiting.getAndSet(null);
        }

        private @Nullable CoreSubscriber<? super Lease> endUnserved() {
            CoreSubscriber<? super Lease> taker = end();
            if (taker != null) {
                generation.left();
            }
            return taker;
        }

        private void cancelUpstream() {
            Subscription subscription = upstream;
            if (subscription != null) {
                subscription.cancel();
            }
        }
    }
}
