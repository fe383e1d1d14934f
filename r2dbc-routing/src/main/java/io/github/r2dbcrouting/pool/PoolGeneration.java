package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.ConnectionPurpose;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.error.PoolNumbers;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.pool.PoolMetrics;
import io.r2dbc.spi.Connection;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The r2dbc-pool of one life of a node. r2dbc-pool cannot evict what it has lent, so a node that changes role or restarts
 * gets a new pool, and the old one closes each connection as it comes back.
 */
final class PoolGeneration {

    private final long number;
    private final NodeRole role;
    private final ConnectionPool pool;
    private final PoolMetrics metrics;
    private final int initialSize;
    private final NodeConnections connections;

    PoolGeneration(NodeState node, NodeConnections connections, PoolSettings settings, Scheduler scheduler) {
        this.number = node.generation();
        this.connections = connections;
        this.role = node.role();
        ConnectionPurpose purpose = role == NodeRole.PRIMARY ? ConnectionPurpose.PRIMARY : ConnectionPurpose.REPLICA;
        this.pool = new ConnectionPool(ConnectionPoolConfiguration.builder(connections.pooled(purpose))
                .name(node.id() + " generation " + number)
                // It opens its own, since r2dbc-pool's serve nobody who has come meanwhile.
                .initialSize(0)
                .maxSize(settings.maxSize())
                .maxIdleTime(settings.maxIdleTime())
                .maxLifeTime(settings.maxLifeTime())
                // Opening happens on the driver's event loop; the default would send it through one shared thread.
                .allocatorSubscribeOn(scheduler)
                // An acquisition is retried by the router, on another node, not by the pool on the same one.
                .acquireRetry(0)
                .build());
        this.metrics = pool.getMetrics().orElseThrow();
        this.initialSize = settings.initialSize();
    }

    /** Opens the initial connections, if any, by borrowing so many at once, without anybody waiting for them. */
    void warmUp(BackgroundTasks background) {
        if (initialSize > 0) {
            // An acquisition that is requested twice takes two connections and loses one: so nothing but its own end
            // follows it.
            Function<Integer, Mono<Void>> borrow =
                    number -> pool.create().flatMap(borrowed -> Mono.from(borrowed.close()));
            background.run(
                    "warming up a pool",
                    Flux.range(0, initialSize)
                            .flatMapDelayError(borrow, initialSize, 1)
                            .then());
        }
    }

    /** Returns a cold {@link Mono} of a connection of this pool; closing the connection gives it back. */
    Mono<Connection> acquire() {
        return pool.create();
    }

    Lease lease(Connection pooled) {
        return new Lease(role, number, connections, pooled);
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
        return metrics.pendingAcquireSize() == 0
                && (metrics.idleSize() > 0 || metrics.allocatedSize() < metrics.getMaxAllocatedSize());
    }

    PoolMetrics metrics() {
        return metrics;
    }

    /** Closes what is idle now and what is lent when it comes back. */
    Mono<Void> dispose() {
        return pool.disposeLater();
    }
}
