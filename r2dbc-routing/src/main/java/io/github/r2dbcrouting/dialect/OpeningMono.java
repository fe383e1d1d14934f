package io.github.r2dbcrouting.dialect;

import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * Opens one connection within a time limit. The attempt itself is never cancelled, neither by its taker nor by the limit,
 * since not every driver closes what it has half opened: a frozen server answers when it is thawed, and the session would
 * stay. A connection that comes after its taker has gone is handed to whoever closes it.
 */
final class OpeningMono extends Mono<Connection> {

    private static final Logger logger = LoggerFactory.getLogger(OpeningMono.class);

    private final Supplier<Mono<Connection>> attempt;
    private final Duration limit;
    private final Scheduler scheduler;
    private final Supplier<? extends Throwable> timedOut;
    private final Consumer<Connection> late;

    /**
     * Creates a cold opening.
     *
     * @param attempt makes one attempt for each subscription
     * @param timedOut the error for a taker who has waited for as long as the limit
     * @param late closes what came too late
     */
    OpeningMono(
            Supplier<Mono<Connection>> attempt,
            Duration limit,
            Scheduler scheduler,
            Supplier<? extends Throwable> timedOut,
            Consumer<Connection> late) {
        this.attempt = attempt;
        this.limit = limit;
        this.scheduler = scheduler;
        this.timedOut = timedOut;
        this.late = late;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Connection> actual) {
        Opening opening = new Opening(actual);
        actual.onSubscribe(opening);
        opening.start();
    }

    /** One attempt; for its taker it ends exactly once: with a connection, an error, the limit or a cancel. */
    private final class Opening implements CoreSubscriber<Connection>, Subscription, Runnable {

        private final CoreSubscriber<? super Connection> actual;
        private final AtomicBoolean over = new AtomicBoolean();
        private final Disposable.Swap timer = Disposables.swap();

        Opening(CoreSubscriber<? super Connection> actual) {
            this.actual = actual;
        }

        void start() {
            if (over.get()) {
                return;
            }
            timer.replace(scheduler.schedule(this, limit.toNanos(), TimeUnit.NANOSECONDS));
            Mono.defer(attempt).subscribe(this);
        }

        private boolean end() {
            if (over.compareAndSet(false, true)) {
                timer.dispose();
                return true;
            }
            return false;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Connection connection) {
            if (end()) {
                actual.onNext(connection);
                actual.onComplete();
            } else {
                late.accept(connection);
            }
        }

        @Override
        public void onError(Throwable error) {
            if (end()) {
                actual.onError(error);
            } else {
                logger.debug("opening a connection failed after its taker had gone", error);
            }
        }

        @Override
        public void onComplete() {
            if (end()) {
                actual.onError(new IllegalStateException("the driver completed without a connection"));
            }
        }

        /** The limit. */
        @Override
        public void run() {
            if (end()) {
                actual.onError(timedOut.get());
            }
        }

        @Override
        public void request(long n) {
            // One connection was asked for by subscribing.
        }

        @Override
        public void cancel() {
            end();
        }
    }
}
