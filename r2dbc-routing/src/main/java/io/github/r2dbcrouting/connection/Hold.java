package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.pool.DeadlineWatch;
import io.github.r2dbcrouting.pool.Lease;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.r2dbc.spi.IsolationLevel;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * A lease as one virtual connection holds it: by the exchanges that run on it, and by the pin if there is one. It goes
 * back to its pool when the last of them has let go: as it is if nothing was left in its session, after a reset if
 * something may have been, and not at all if it is broken.
 */
final class Hold implements DeadlineWatch.Watched, DriverConnection.Holder {

    /** One probe that fails may be an accident; a long statement is not given up for it. */
    private static final int FAILURES_TO_GIVE_UP = 2;

    private static final Logger logger = LoggerFactory.getLogger(Hold.class);

    private final Lease lease;
    private final Purpose purpose;
    private final ConnectionServices services;
    private final IsolationLevel isolationLevel;
    private final @Nullable Replication takenAfter;
    private final AtomicInteger users = new AtomicInteger(1);
    private final Sinks.@Nullable Empty<Void> returned;
    private final AtomicInteger abandoned = new AtomicInteger();
    private volatile boolean altered;
    private volatile boolean retired;
    private volatile boolean exposed;
    private volatile boolean broken;
    private volatile boolean discarded;
    private volatile @Nullable NodeState lost;

    /** The hold that this one followed in its virtual connection, for as long as that is not back. */
    private @Nullable Hold previous;

    private Hold(Lease lease, Purpose purpose, @Nullable Replication sample, ConnectionServices services) {
        this.lease = lease;
        this.purpose = purpose;
        // Only the end of a pin is waited for.
        this.returned = purpose == Purpose.RESULTS ? null : Sinks.empty();
        this.services = services;
        this.isolationLevel = lease.connection().getTransactionIsolationLevel();
        this.takenAfter = sample;
    }

    /** Takes a hold with one user. */
    static Hold take(Lease lease, Purpose purpose, ConnectionServices services) {
        TopologySource topology = services.routing().topology();
        NodeState before = topology.current().node(lease.node());
        Hold hold = new Hold(lease, purpose, before == null ? null : before.replication(), services);
        lease.connection().heldBy(hold);
        // Who is told of a failed probe may have been told before this hold was known.
        NodeState now = topology.current().node(lease.node());
        if (now != null && now.failures() > 0) {
            hold.unheard(now);
        }
        return hold;
    }

    Lease lease() {
        return lease;
    }

    DriverConnection connection() {
        return lease.connection();
    }

    /** What a connection is held for. */
    enum Purpose {
        /** The results of reads, for as long as they run. */
        RESULTS,
        /** A read-only transaction, until its end. */
        READING_PIN,
        /** Whatever belongs to one session of the primary, until the virtual connection ends. */
        PIN
    }

    boolean isPinned() {
        return purpose != Purpose.RESULTS;
    }

    /** Returns whether the pin was taken for reading only, so that it ends with its transaction. */
    boolean isPinnedForReading() {
        return purpose == Purpose.READING_PIN;
    }

    /** Takes part in the hold, unless it is already back or on its way there. */
    boolean tryRetain() {
        int present = users.get();
        while (present > 0) {
            if (users.compareAndSet(present, present + 1)) {
                return true;
            }
            present = users.get();
        }
        return false;
    }

    /** Lets go; whoever lets go last gives the connection back. */
    void release() {
        if (users.decrementAndGet() == 0) {
            giveBack();
        }
    }

    /** Emits nothing and completes when the connection is back or dropped. */
    Mono<Void> whenReturned() {
        return returned == null ? Mono.empty() : returned.asMono();
    }

    @Override
    public boolean hasEnded() {
        return users.get() <= 0;
    }

    /**
     * Its virtual connection was closed some time ago. Reads that nobody wants any more are watched on their own and may
     * yet be cancelled at the server; anything else, such as a result that was never consumed, has had its time.
     */
    @Override
    public void overdue() {
        if (isPinned() || !isWhollyAbandoned()) {
            discard();
        }
    }

    @Override
    public void unheard(NodeState node) {
        long sinceTaken = heardSinceTaken(node);
        boolean certain = node.failures() >= FAILURES_TO_GIVE_UP;
        // Less than nothing: told late of an outage that was over when this hold was taken.
        if (hasEnded() || discarded || sinceTaken < 0 || !certain && (isPinned() || sinceTaken > 0)) {
            return;
        }
        Scheduler eventLoop = connection().eventLoop();
        Scheduler here = eventLoop == null ? services.waiting().timers() : eventLoop;
        try {
            here.schedule(() -> giveUp(node));
        } catch (RejectedExecutionException closing) {
            giveUp(node);
        }
    }

    /** Returns how much later than this hold the last sample of its node is, in nanoseconds. */
    private long heardSinceTaken(NodeState node) {
        Replication latest = node.replication();
        return takenAfter == null || latest == null ? 1 : latest.sampledAt() - takenAfter.sampledAt();
    }

    /** What ran on it then fails, as after any other loss of its connection. */
    private void giveUp(NodeState node) {
        if (!hasEnded() && !discarded) {
            lost = node;
            discard();
        }
    }

    /** Returns what an error on this connection says. */
    ErrorKind kindOf(Throwable error) {
        return lost == null ? connection().calls().kindOf(error) : ErrorKind.NODE_FAULT;
    }

    /** Returns the error that the user gets. */
    Throwable translate(Throwable error) {
        NodeState given = lost;
        return given == null
                ? connection().calls().translate(error)
                : new NodeUnreachableException(
                        "node " + given.id() + ": given up while a statement ran on it, since " + given.failures()
                                + (given.failures() == 1 ? " probe" : " probes")
                                + " of it failed: " + given.problem(),
                        error);
    }

    /** Drops the connection at once, whatever still runs on it. */
    void discard() {
        logger.debug("dropping {}", lease);
        broken = true;
        discarded = true;
        lease.discard();
        tellReturned();
    }

    /** Notes what an error says about the connection. */
    void failed(ErrorKind kind) {
        boolean lost = kind == ErrorKind.NODE_FAULT || kind == ErrorKind.OUTCOME_UNKNOWN;
        boolean demoted = kind == ErrorKind.READ_ONLY_REFUSAL && lease.role() == NodeRole.PRIMARY;
        // A connection that was dropped on purpose says nothing of its node.
        if ((lost || demoted) && !broken) {
            services.routing().topology().suspect(lease.node(), lease.generation());
        }
        broken |= lost;
    }

    /** Notes that statements or setters may have left something in the session. */
    void alter() {
        altered = true;
    }

    /** Notes that the driver's own connection was handed out, so that nobody can know what was done with it. */
    void expose() {
        exposed = true;
    }

    /** Notes that nobody wants one of the running exchanges any more, so that nothing new is sent behind it. */
    void abandon() {
        abandoned.incrementAndGet();
    }

    /** Notes that an abandoned exchange has ended. */
    void drained() {
        abandoned.decrementAndGet();
    }

    boolean isBroken() {
        return broken;
    }

    /** Returns whether its session holds what no other connection has. */
    boolean isAltered() {
        return altered || exposed;
    }

    /** Notes that the settings of the session have changed since it was taken. */
    void retire() {
        retired = true;
    }

    /** Returns whether nobody wants any exchange that runs on it. */
    boolean isWhollyAbandoned() {
        return users.get() <= abandoned.get();
    }

    /** Returns whether another exchange may be sent on it. */
    boolean isFit() {
        return !broken && !retired && abandoned.get() == 0;
    }

    boolean isInTransaction() {
        return !connection().isAutoCommit();
    }

    /** Puts this hold before those of its virtual connection that are not back yet, and forgets all others. */
    void follow(@Nullable Hold earlier) {
        previous = firstOpen(earlier);
        for (Hold open = previous; open != null; open = open.previous) {
            open.previous = firstOpen(open.previous);
        }
    }

    private static @Nullable Hold firstOpen(@Nullable Hold first) {
        Hold open = first;
        while (open != null && open.hasEnded()) {
            open = open.previous;
        }
        return open;
    }

    @Nullable
    Hold previous() {
        return previous;
    }

    /**
     * Has something that runs on this connection watched, unless it is over when its event loop has done what it is doing:
     * the end of most results comes with their first row.
     */
    void watchUnlessSoonOver(DeadlineWatch.Watched running) {
        DeadlineWatch watch = services.watches().drains();
        Scheduler eventLoop = connection().eventLoop();
        if (eventLoop == null) {
            watch.watch(running);
            return;
        }
        try {
            eventLoop.schedule(() -> {
                if (!running.hasEnded()) {
                    watch.watch(running);
                }
            });
        } catch (RejectedExecutionException closing) {
            watch.watch(running);
        }
    }

    private void tellReturned() {
        if (returned != null) {
            returned.tryEmitEmpty();
        }
    }

    private void giveBack() {
        connection().heldBy(null);
        if (broken || exposed) {
            discard();
        } else if (altered || isInTransaction()) {
            services.background().run("resetting a session", resetSession());
        } else {
            lease.release();
            tellReturned();
        }
    }

    private Mono<Void> resetSession() {
        Mono<Boolean> clean = altered
                ? connection().reset(isolationLevel)
                : connection().rollbackTransaction().then(Mono.fromSupplier(() -> !isInTransaction()));
        return clean.onErrorReturn(false)
                .doOnNext(restored -> {
                    if (restored) {
                        lease.release();
                    } else {
                        lease.discard();
                    }
                })
                .doFinally(signal -> {
                    // A task that was given up half-way leaves a session nobody can vouch for.
                    lease.discard();
                    tellReturned();
                })
                .then();
    }
}
