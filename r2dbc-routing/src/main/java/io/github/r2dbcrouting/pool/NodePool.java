package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.r2dbc.pool.PoolMetrics;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The connections of one node: the pool of its present life, made when it is first needed. */
public final class NodePool {

    private static final long NEVER = Long.MIN_VALUE;

    private final NodeConnections connections;
    private final PoolSettings settings;
    private final Scheduler scheduler;
    private final DeadlineWatch acquisitions;
    private final DoubleSupplier random;
    private final BackgroundTasks background;
    private final Queue<PoolGeneration> past = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable PoolGeneration> current = new AtomicReference<>();
    private volatile @Nullable Replication silentAfter;
    private volatile boolean closed;
    private volatile boolean gone;

    /** Whether nothing is opened before somebody asks for it. */
    private volatile boolean heldBack;

    /** The life of the node for which the first connections were opened before anybody asked for one. */
    private volatile long warmedUpFor = NEVER;

    /**
     * Creates the pool of one node; nothing is opened yet.
     *
     * @param scheduler times acquisitions and the lives of connections
     * @param random says by how much a life is shortened; at least 0, less than 1
     * @param background opens connections ahead of demand, and closes old generations
     */
    public NodePool(
            NodeConnections connections,
            PoolSettings settings,
            Scheduler scheduler,
            DoubleSupplier random,
            BackgroundTasks background) {
        this.connections = connections;
        this.settings = settings;
        this.scheduler = scheduler;
        this.random = random;
        this.acquisitions = new DeadlineWatch(settings.queue().acquireTimeout(), scheduler);
        this.background = background;
    }

    /**
     * Lends a connection of the node's present life, or of a newer one if this snapshot is already old; the caller
     * compares the generations.
     *
     * @return a cold {@link Mono}. It fails with an {@code AcquireTimeoutException} if no connection is free in time, with an
     *     {@code AcquireQueueFullException} if too many wait already, and with the driver's error if none can be opened.
     *     Who came first is served first. Cancelling gives up the wait; a connection that arrives
     *     nevertheless goes back to the pool. If this life of the node has just ended it fails with a
     *     {@link PoolRetiredException}: route again
     */
    public Mono<Lease> acquire(NodeState node) {
        if (closed) {
            return Mono.error(NodePools.closedError());
        }
        if (gone || isNoLongerHeard(node)) {
            return Mono.error(new PoolRetiredException(null));
        }
        return new LeaseMono(generationFor(node), connections, settings, acquisitions);
    }

    /** It was chosen when it still seemed to answer. One that is degraded has answered since, without a sample. */
    private boolean isNoLongerHeard(NodeState node) {
        Replication sample = node.replication();
        Replication silent = silentAfter;
        return silent != null
                && sample != null
                && sample.sampledAt() == silent.sampledAt()
                && node.health() == NodeHealth.HEALTHY;
    }

    /**
     * Makes way for a new life of the node: connections of an older one are closed, lent ones when they come back. If the node is to
     * be warmed up, the first ones of the new life are opened now.
     */
    public void turnOver(NodeState node) {
        silentAfter = null;
        PoolGeneration present = current.get();
        if (present != null && present.number() < node.generation()
                || isToWarmUp(node) && warmedUpFor != node.generation()) {
            warmedUpFor = node.generation();
            generationFor(node);
        }
    }

    private boolean isToWarmUp(NodeState node) {
        return !settings.warmUp().isZero() && !closed && !gone && !isHeldBack(node);
    }

    /** A primary has its work to do, drained or not. */
    private boolean isHeldBack(NodeState node) {
        return heldBack && node.role() != NodeRole.PRIMARY;
    }

    /** Has nothing opened any more before somebody asks for it: the node is drained, and not the primary. For connections that are there, see {@link #evict}. */
    public void holdBack() {
        heldBack = true;
        warmedUpFor = NEVER;
    }

    /** Ends {@link #holdBack()}: the first connections are opened now, if the node is to be warmed up, or when one is asked for. */
    public void resume(NodeState node) {
        heldBack = false;
        PoolGeneration present = current.get();
        if (present != null) {
            present.begin();
        }
        if (node.isUsable()) {
            turnOver(node);
        }
    }

    /**
     * Opens the first connections of a node that is to be given work, if it is to be warmed up and they were not opened yet.
     *
     * @return a cold {@link Mono} that completes when they are open or could not be opened, or after {@code warmUp}
     */
    public Mono<Void> warmUp(NodeState node) {
        return Mono.defer(() ->
                isToWarmUp(node) && !isNoLongerHeard(node) ? generationFor(node).warm() : Mono.empty());
    }

    /**
     * Returns whether a read that could as well go to another node had better do so: the first connections are or will be opened,
     * or none is free and as many wait as may before reads go elsewhere.
     */
    public boolean isCrowded(NodeState node) {
        PoolGeneration present = current.get();
        if (present != null && isPresent(present, node)) {
            return present.isCrowded();
        }
        // They are opened when the news of the node arrive, and not by a question.
        return isToWarmUp(node) && !isNoLongerHeard(node) && warmedUpFor != node.generation();
    }

    /**
     * Gives up what waits for the node, which has not answered a probe: acquisitions are routed again, and so are reads that
     * it was given since its last answer; the rest when a second probe fails.
     */
    public void unheard(NodeState node) {
        silentAfter = node.replication();
        warmedUpFor = NEVER;
        connections.unheard(node);
        PoolGeneration present = current.get();
        if (present != null && present.number() > node.generation()) {
            // Late news: the node has answered since, and begun another life.
            return;
        }
        acquisitions.giveUp();
        if (present != null && current.compareAndSet(present, null)) {
            background.run("closing the pool of node " + node.id() + ", which does not answer", letGo(present));
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
        warmedUpFor = NEVER;
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

    /** Returns the connections that somebody has. */
    public List<DriverConnection> held() {
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
            return rest().then(Mono.defer(connections::closeUnused));
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
            return last == null ? Mono.empty() : letGo(last);
        });
    }

    /**
     * Returns a cold {@link Mono} that closes what is idle, and what is lent when it comes back, and tells how many these are.
     * Statements that run go on; those that wait for a connection are routed again. The next acquisition begins a new pool:
     * it is for the caller to see that there is none. {@link #lent()} tells how many are not back yet.
     */
    public Mono<Eviction> evict() {
        return Mono.defer(() -> {
            PoolGeneration last = current.getAndSet(null);
            int idle = last == null ? 0 : last.metrics().idleSize();
            Mono<Void> closed = last == null ? Mono.empty() : letGo(last);
            return closed.then(Mono.fromSupplier(() -> new Eviction(idle, lent())));
        });
    }

    /**
     * Returns a cold {@link Mono} that does the same but waits for nobody: what runs on a connection that was opened before fails
     * as if the connection had been lost, and so does a transaction that is open on it.
     *
     * @param reason why, for the error; a clause that follows "since"
     */
    public Mono<Eviction> cutOff(String reason) {
        return Mono.defer(() -> {
            PoolGeneration last = current.getAndSet(null);
            int idle = last == null ? 0 : last.metrics().idleSize();
            Mono<Void> closed = last == null ? Mono.empty() : letGo(last);
            int lent = lent();
            // In this order: who has just taken a connection sees the one, or is seen by the other.
            past.forEach(generation -> generation.cutOff(reason));
            long now = scheduler.now(TimeUnit.NANOSECONDS);
            for (DriverConnection held : connections.held()) {
                if (held.openedAt() - now <= 0) {
                    held.cutOff(reason);
                }
            }
            return closed.thenReturn(new Eviction(idle, lent));
        });
    }

    /** Returns how many connections are lent, to be used or being opened, those of earlier lives of the node included. */
    public int lent() {
        PoolGeneration present = current.get();
        int lent = present == null ? 0 : present.lent();
        past.removeIf(generation -> generation.lent() == 0);
        for (PoolGeneration generation : past) {
            lent += generation.lent();
        }
        return lent;
    }

    /** What is lent is counted until it is back. */
    private Mono<Void> letGo(PoolGeneration last) {
        past.removeIf(generation -> generation.lent() == 0);
        past.add(last);
        return last.dispose();
    }

    private static boolean isPresent(PoolGeneration present, NodeState node) {
        return present.isFor(node) || present.number() > node.generation();
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
            if (present != null && isPresent(present, node)) {
                return present;
            }
            PoolGeneration next = new PoolGeneration(node, connections, settings, scheduler, random, background);
            if (current.compareAndSet(present, next)) {
                if (present != null) {
                    background.run("closing an old pool of node " + node.id(), letGo(present));
                }
                if (closed || gone) {
                    background.run("closing a pool that came too late", rest());
                }
                if (!isHeldBack(node)) {
                    next.begin();
                }
                return next;
            }
            background.run("closing an unused pool of node " + node.id(), next.dispose());
        }
    }
}
