package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * One connection of a node's pool, lent to one owner. The owner gives it back once, by {@link #release()} or
 * {@link #discard()}; whichever comes first counts and the others do nothing.
 *
 * <p>Its generation is that of the pool: a lease of an older generation than the node's present one must not be used for
 * anything new. What a decision assumed of its position counts only if it was sampled after {@link #openedAt()}, or is
 * the connection's own {@linkplain DriverConnection#setUp() set-up} position.
 */
public final class Lease {

    private static final Logger logger = LoggerFactory.getLogger(Lease.class);

    private final NodeRole role;
    private final PoolGeneration generation;
    private final NodeConnections connections;
    private final Connection pooled;
    private final DriverConnection connection;
    private final AtomicBoolean returned = new AtomicBoolean();
    private volatile @Nullable Runnable afterwards;

    Lease(NodeRole role, PoolGeneration generation, NodeConnections connections, Connection pooled) {
        this.connections = connections;
        this.role = role;
        this.generation = generation;
        this.pooled = pooled;
        this.connection = Stock.driver(pooled);
    }

    public NodeId node() {
        return connection.calls().node();
    }

    /** Returns the role for which the connection was opened. */
    public NodeRole role() {
        return role;
    }

    public long generation() {
        return generation.number();
    }

    /** Returns why nothing may be done with the connection any more, or {@code null} unless it was cut off. */
    public @Nullable String cutOffSince() {
        return generation.cutOffSince();
    }

    public DriverConnection connection() {
        return connection;
    }

    /** Cancels the statement that runs on the connection, at the server. */
    public Mono<Void> cancel() {
        return connections.cancel(connection);
    }

    /** Returns when the connection was known to be open, in nanoseconds of the factory's monotonic clock. */
    public long openedAt() {
        return connection.openedAt();
    }

    /**
     * Has something done once, when the connection has been given back or discarded. To be called by whoever asked for the lease,
     * before anybody else has it.
     */
    public void afterwards(Runnable action) {
        afterwards = action;
    }

    /** Gives the connection back as it is: its session was not changed and no exchange runs on it. */
    public void release() {
        if (returned.compareAndSet(false, true)) {
            returned();
        }
    }

    /** Closes the connection instead of lending it again, whatever still runs on it. */
    public void discard() {
        if (returned.compareAndSet(false, true)) {
            connection.discard();
            returned();
        }
    }

    private void returned() {
        pooled.close().subscribe(ReleaseSubscriber.INSTANCE);
        generation.left();
        Runnable action = afterwards;
        if (action != null) {
            action.run();
        }
    }

    @Override
    public String toString() {
        return connection + ", generation " + generation.number();
    }

    /** Giving back completes at once unless the connection has to be closed; nobody waits for it. */
    private enum ReleaseSubscriber implements CoreSubscriber<Void> {
        INSTANCE;

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Void ignored) {}

        @Override
        public void onError(Throwable error) {
            logger.debug("giving a connection back failed; its pool has dropped it", error);
        }

        @Override
        public void onComplete() {}
    }
}
