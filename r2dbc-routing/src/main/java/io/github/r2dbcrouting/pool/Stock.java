package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.PoolMetrics;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Opens connections of a pool before anybody asks for them: the first ones, and those that are missing to as many unused ones
 * as are to be kept. It does so by borrowing, since what the pool opens of its own accord serves nobody who has come meanwhile,
 * and r2dbc-pool counts a {@code minIdle} only when somebody borrows, and passes over it when it closes what was not used.
 */
final class Stock {

    private final ConnectionPool pool;
    private final PoolMetrics metrics;
    private final PoolSettings settings;
    private final Scheduler scheduler;
    private final BackgroundTasks background;
    private final Sinks.Empty<Void> ready = Sinks.empty();
    private final Disposable.Composite timers = Disposables.composite();
    private volatile boolean warmingUp;

    Stock(
            ConnectionPool pool,
            PoolMetrics metrics,
            PoolSettings settings,
            Scheduler scheduler,
            BackgroundTasks background) {
        this.pool = pool;
        this.metrics = metrics;
        this.settings = settings;
        this.scheduler = scheduler;
        this.background = background;
        this.warmingUp = !settings.warmUp().isZero();
    }

    /** Opens the first connections without anybody waiting for them, and keeps up their number from now on. */
    void begin(Duration interval) {
        int first = settings.size().first();
        if (first > 0) {
            if (warmingUp) {
                timers.add(scheduler.schedule(this::ready, settings.warmUp().toNanos(), TimeUnit.NANOSECONDS));
            }
            background.run(
                    "opening the first connections of a pool",
                    borrow(first, false).doFinally(signal -> ready()));
        }
        if (settings.size().minIdle() > 0) {
            long nanos = interval.toNanos();
            timers.add(scheduler.schedulePeriodically(this::replenish, nanos, nanos, TimeUnit.NANOSECONDS));
        }
    }

    /** Returns whether reads had better go elsewhere, since the first connections are being opened and have not taken too long. */
    boolean isWarmingUp() {
        return warmingUp;
    }

    /** Returns a {@link Mono} that completes when that is over, at once if it is. */
    Mono<Void> warm() {
        return warmingUp ? ready.asMono() : Mono.empty();
    }

    /** Opens nothing any more. */
    void end() {
        timers.dispose();
        ready();
    }

    private void ready() {
        warmingUp = false;
        ready.tryEmitEmpty();
    }

    private void replenish() {
        int unused = metrics.idleSize();
        int missing =
                Math.min(settings.size().minIdle() - unused, metrics.getMaxAllocatedSize() - metrics.allocatedSize());
        if (missing > 0 && metrics.pendingAcquireSize() == 0) {
            background.run("opening connections ahead of demand", borrow(unused + missing, true));
        }
    }

    /**
     * Borrows so many at once, unused ones before new ones, and gives each back once all were asked for.
     *
     * @param verifying whether each is asked for a sign of life, since to borrow it makes it seem used
     */
    private Mono<Void> borrow(int number, boolean verifying) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> asked = Sinks.empty();
            return Flux.range(0, number)
                    .doOnComplete(asked::tryEmitEmpty)
                    .flatMapDelayError(
                            nth -> Mono.usingWhen(
                                    pool.create(),
                                    borrowed -> verifying ? asked.asMono().then(verified(borrowed)) : asked.asMono(),
                                    Connection::close),
                            number,
                            1)
                    .then();
        });
    }

    private static Mono<Void> verified(Connection borrowed) {
        return Mono.defer(() -> Mono.from(borrowed.validate(ValidationDepth.REMOTE)))
                .onErrorReturn(false)
                .doOnNext(valid -> {
                    if (!valid) {
                        driver(borrowed).discard();
                    }
                })
                .then();
    }

    static DriverConnection driver(Connection pooled) {
        @Nullable Object own = ((Wrapped<?>) pooled).unwrap();
        return (DriverConnection) Objects.requireNonNull(own);
    }
}
