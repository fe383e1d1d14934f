package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.ConnectionPurpose;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.error.PoolNumbers;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.pool.PoolMetrics;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.pool.PooledRefMetadata;

/**
 * The r2dbc-pool of one life of a node. r2dbc-pool cannot evict what it has lent, so a node that changes role or restarts
 * gets a new pool, and the old one closes each connection as it comes back.
 */
final class PoolGeneration {

    /** How much of the longest life is left to chance, so that what was opened together does not end together. */
    private static final double SPREAD = 0.2;

    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(30);

    private final long number;
    private final NodeRole role;
    private final PoolSettings settings;
    private final Scheduler scheduler;
    private final ConnectionPool pool;
    private final PoolMetrics metrics;
    private final NodeConnections connections;
    private final Stock stock;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicInteger users = new AtomicInteger();
    private volatile boolean disposed;

    /** Why nothing may go on with it, or {@code null}. */
    private volatile @Nullable String cutOffSince;

    /**
     * Creates a pool; nothing is opened yet.
     *
     * @param scheduler its clock and its timers
     * @param random at least 0, less than 1
     * @param background opens what nobody waits for
     */
    PoolGeneration(
            NodeState node,
            NodeConnections connections,
            PoolSettings settings,
            Scheduler scheduler,
            DoubleSupplier random,
            BackgroundTasks background) {
        this.number = node.generation();
        this.connections = connections;
        this.role = node.role();
        this.settings = settings;
        this.scheduler = scheduler;
        ConnectionPurpose purpose = role == NodeRole.PRIMARY ? ConnectionPurpose.PRIMARY : ConnectionPurpose.REPLICA;
        long longest = settings.maxLifeTime().toNanos();
        this.pool = new ConnectionPool(ConnectionPoolConfiguration.builder(connections.pooled(
                        purpose, () -> (long) (longest * (1 - SPREAD * random.getAsDouble()))))
                .name(node.id() + " generation " + number)
                // It opens its own, since r2dbc-pool's serve nobody who has come meanwhile.
                .initialSize(0)
                .maxSize(settings.maxSize())
                .clock(new SchedulerClock(scheduler))
                // Its own conditions let all that was opened together end together, and are replaced.
                .customizer(builder ->
                        builder.evictionPredicate(this::isSpent).evictInBackground(interval(settings), scheduler))
                // Opening happens on the driver's event loop; the default would send it through one shared thread.
                .allocatorSubscribeOn(scheduler)
                // An acquisition is retried by the router, on another node, not by the pool on the same one.
                .acquireRetry(0)
                .build());
        this.metrics = pool.getMetrics().orElseThrow();
        this.stock = new Stock(pool, metrics, settings, scheduler, background);
    }

    /** Often enough that nothing outlives its time by more than a tenth. */
    private static Duration interval(PoolSettings settings) {
        Duration shortest = settings.maxIdleTime().compareTo(settings.maxLifeTime()) < 0
                ? settings.maxIdleTime()
                : settings.maxLifeTime();
        Duration tenth = shortest.dividedBy(10);
        if (tenth.compareTo(SHORTEST_INTERVAL) < 0) {
            return SHORTEST_INTERVAL;
        }
        return tenth.compareTo(LONGEST_INTERVAL) > 0 ? LONGEST_INTERVAL : tenth;
    }

    /** Asked when a connection is taken and given back, and from time to time while it is not used. */
    private boolean isSpent(Connection connection, PooledRefMetadata use) {
        return use.idleTime() >= settings.maxIdleTime().toMillis()
                || ((DriverConnection) connection).isSpent(scheduler.now(TimeUnit.NANOSECONDS));
    }

    /** Opens the first connections, if any, without anybody waiting for them; once. */
    void begin() {
        if (begun.compareAndSet(false, true)) {
            stock.begin(interval(settings));
        }
    }

    /** Returns a cold {@link Mono} of a connection of this pool; closing the connection gives it back. */
    Mono<Connection> acquire() {
        return pool.create();
    }

    Lease lease(Connection pooled) {
        return new Lease(role, this, connections, pooled);
    }

    long number() {
        return number;
    }

    boolean isFor(NodeState node) {
        return number == node.generation() && role == node.role();
    }

    PoolNumbers numbers() {
        return new PoolNumbers(
                metrics.acquiredSize(),
                metrics.idleSize(),
                metrics.pendingAcquireSize(),
                metrics.getMaxAllocatedSize());
    }

    boolean hasRoom() {
        return metrics.pendingAcquireSize() == 0 && hasConnection();
    }

    private boolean hasConnection() {
        return metrics.idleSize() > 0 || metrics.allocatedSize() < metrics.getMaxAllocatedSize();
    }

    /** Returns whether whoever comes next would be one more than may wait. */
    boolean isQueueFull() {
        return isQueueOf(settings.queue().acquireQueue());
    }

    /** Returns whether a read that could as well go elsewhere had better do so. */
    boolean isCrowded() {
        return stock.isWarmingUp() || isQueueOf(settings.queue().spillAfter());
    }

    private boolean isQueueOf(int length) {
        return metrics.pendingAcquireSize() >= length && !hasConnection();
    }

    /** Returns a {@link Mono} that completes when reads need not be kept from it any more. */
    Mono<Void> warm() {
        return stock.warm();
    }

    PoolMetrics metrics() {
        return metrics;
    }

    /** Returns how many connections are lent, those that are being opened included. */
    int lent() {
        // The pool's own numbers may stay wrong for good when something is given back in the moment in which it is
        // disposed of.
        return disposed ? users.get() : Math.max(0, metrics.allocatedSize() - metrics.idleSize());
    }

    /** Somebody wants a connection; to be followed by one {@link #left()}. */
    void entered() {
        users.incrementAndGet();
    }

    /** Somebody has given a connection back, or does not want one any more. */
    void left() {
        users.decrementAndGet();
    }

    /** Returns why nothing may go on with its connections, or {@code null}. */
    @Nullable
    String cutOffSince() {
        return cutOffSince;
    }

    /** Has what is lent from now on not be used any more. */
    void cutOff(String reason) {
        cutOffSince = reason;
    }

    /** Closes what is idle now and what is lent when it comes back. */
    Mono<Void> dispose() {
        return Mono.defer(() -> {
            disposed = true;
            stock.end();
            return pool.disposeLater();
        });
    }
}
