package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.r2dbc.pool.PoolMetrics;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The connections of one node: the pool of its present life, made when it is first needed. */
public final class NodePool {

    private final NodeConnections connections;
    private final PoolSettings settings;
    private final Scheduler scheduler;
    private final DeadlineWatch acquisitions;
    private final BackgroundTasks background;
    private final AtomicReference<@Nullable PoolGeneration> current = new AtomicReference<>();
    private volatile @Nullable Replication silentAfter;
    private volatile boolean closed;
    private volatile boolean gone;

    /**
     * Creates the pool of one node; nothing is opened yet.
     *
     * @param scheduler times acquisitions
     * @param background closes old generations
     */
    public NodePool(
            NodeConnections connections, PoolSettings settings, Scheduler scheduler, BackgroundTasks background) {
        this.connections = connections;
        this.settings = settings;
        this.scheduler = scheduler;
        this.acquisitions = new DeadlineWatch(settings.acquireTimeout(), scheduler);
        this.background = background;
    }

    /**
     * Lends a connection of the node's present life, or of a newer one if this snapshot is already old; the caller
     * compares the generations.
     *
     * @return a cold {@link Mono}. It fails with an {@code AcquireTimeoutException} if no connection is free in time and
     *     with the driver's error if none can be opened. Cancelling gives up the wait; a connection that arrives
     *     nevertheless goes back to the pool. If this life of the node has just ended it fails with a
     *     {@link PoolRetiredException}: route again
     */
    public Mono<Lease> acquire(NodeState node) {
        if (closed) {
            return Mono.error(NodePools.closedError());
        }
        if (gone) {
            return Mono.error(new PoolRetiredException(null));
        }
        Replication sample = node.replication();
        Replication silent = silentAfter;
        if (silent != null
                && sample != null
                && sample.sampledAt() == silent.sampledAt()
                && node.health() == NodeHealth.HEALTHY) {
            // Chosen when it still seemed to answer. One that is degraded has answered since, without a sample.
            return Mono.error(new PoolRetiredException(null));
        }
        return new LeaseMono(generationFor(node), connections, settings, acquisitions);
    }

    /** Makes way for a new life of the node: connections of an older one are closed, lent ones when they come back. */
    public void turnOver(NodeState node) {
        silentAfter = null;
        PoolGeneration present = current.get();
        if (present != null && present.number() < node.generation()) {
            generationFor(node);
        }
    }

    /**
     * Gives up what waits for the node, which has not answered a probe: acquisitions are routed again, and so are reads that
     * it was given since its last answer; the rest when a second probe fails.
     */
    public void unheard(NodeState node) {
        silentAfter = node.replication();
        connections.unheard(node);
        PoolGeneration present = current.get();
        if (present != null && present.number() > node.generation()) {
            // Late news: the node has answered since, and begun another life.
            return;
        }
        acquisitions.giveUp();
        if (present != null && current.compareAndSet(present, null)) {
            background.run("closing the pool of node " + node.id() + ", which does not answer", present.dispose());
        }
    }

    /**
     * Returns whether a connection could be had at once, or by opening one, as far as the numbers tell at this moment.
     */
    public boolean hasRoom() {
        PoolGeneration present = current.get();
        return present == null || present.hasRoom();
    }

    /** Closes the pool of a node that must not be used: what is idle now, and what is lent when it comes back. */
    public void retire() {
        if (current.get() != null) {
            background.run("closing the pool of a node that must not be used", rest());
        }
    }

    /**
     * Returns whether something that runs on a connection to the node has given no sign of life for as long as this, and the
     * node neither; once for each. Asked by one thread at a time.
     */
    boolean isSilent(NodeState node, long now, long nanos) {
        Replication last = node.replication();
        return last != null && connections.isSilent(now, last.sampledAt(), nanos);
    }

    List<DriverConnection> held() {
        return connections.held();
    }

    /** Returns the numbers of the present pool, or {@code null} before its first use. */
    public @Nullable PoolMetrics metrics() {
        PoolGeneration generation = current.get();
        return generation == null ? null : generation.metrics();
    }

    /** Returns a cold {@link Mono} that closes the pool of a node which has gone; see {@link #rest()}. */
    Mono<Void> leave() {
        return Mono.defer(() -> {
            gone = true;
            return rest();
        });
    }

    /** Returns a cold {@link Mono} that closes the pool for good; see {@link #rest()}. */
    public Mono<Void> close() {
        return Mono.defer(() -> {
            closed = true;
            return rest();
        });
    }

    /**
     * Returns a cold {@link Mono} that closes what is idle, and what is lent when it comes back. The next acquisition begins
     * a new pool.
     */
    public Mono<Void> rest() {
        return Mono.defer(() -> {
            PoolGeneration last = current.getAndSet(null);
            return last == null ? Mono.empty() : last.dispose();
        });
    }

    /**
     * Returns a cold {@link Mono} that makes way for connections which are opened anew, with what the driver's options name
     * read again: as {@link #rest()}. Statements that run go on.
     */
    public Mono<Void> renew() {
        return Mono.defer(() -> {
            connections.forget();
            return rest();
        });
    }

    /** Makes way for connections that are opened with another secret. */
    public void renewInBackground() {
        background.run("closing connections that were opened with an earlier secret", rest());
    }

    /** Returns a cold {@link Mono} that makes way if the suppliers give another secret, and the node accepts it. */
    public Mono<Void> renewIfChanged() {
        return current.get() == null ? Mono.empty() : connections.renewIfChanged();
    }

    private PoolGeneration generationFor(NodeState node) {
        while (true) {
            PoolGeneration present = current.get();
            if (present != null && (present.isFor(node) || present.number() > node.generation())) {
                return present;
            }
            PoolGeneration next = new PoolGeneration(node, connections, settings, scheduler);
            if (current.compareAndSet(present, next)) {
                if (present != null) {
                    background.run("closing an old pool of node " + node.id(), present.dispose());
                }
                if (closed || gone) {
                    background.run("closing a pool that came too late", rest());
                }
                next.warmUp(background);
                return next;
            }
            background.run("closing an unused pool of node " + node.id(), next.dispose());
        }
    }
}
