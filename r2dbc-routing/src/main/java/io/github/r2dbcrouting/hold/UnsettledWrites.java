package io.github.r2dbcrouting.hold;

import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.ConsistencySession.Write;
import io.github.r2dbcrouting.dialect.ConnectionSetUp;
import io.github.r2dbcrouting.pool.Lease;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What was done on one connection and has not taken effect for good, with the sessions that are to hear when it has: with the end of the
 * exchange that may commit it; or, if the connection was lost before that, once the server's side of it is gone.
 */
final class UnsettledWrites {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** Those who have done something in the open transaction. */
    private final Set<ConsistencySession> sessions = ConcurrentHashMap.newKeySet();

    /** The exchanges that are under way. */
    private final Set<SessionNote> notes = ConcurrentHashMap.newKeySet();

    /** Writes of which is not known whether they take effect. */
    private final Queue<Write> lost = new ConcurrentLinkedQueue<>();

    /** Whatever its user does with the driver's own connection. */
    private final Queue<Write> handedOut = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean awaited = new AtomicBoolean();
    private final Lease lease;
    private final ConnectionServices services;
    private final long epoch;
    private volatile boolean gone;
    private volatile boolean relaxed;

    /**
     * Creates it without any.
     *
     * @param epoch the epoch of the cluster in which the connection was taken
     */
    UnsettledWrites(Lease lease, ConnectionServices services, long epoch) {
        this.lease = lease;
        this.services = services;
        this.epoch = epoch;
    }

    private long now() {
        return services.waiting().timers().now(TimeUnit.NANOSECONDS);
    }

    /** Notes who does something on the connection. */
    void join(@Nullable ConsistencySession own, @Nullable ConsistencySession shared) {
        if (own != null) {
            sessions.add(own);
        }
        if (shared != null) {
            sessions.add(shared);
        }
    }

    /** Returns a write that starts for each of those. */
    List<Write> writes() {
        return sessions.stream().map(ConsistencySession::writeStarts).toList();
    }

    /** Notes an exchange that is about to be sent. */
    void begins(SessionNote note) {
        notes.add(note);
    }

    /** Commits may from now on be acknowledged before they are flushed. */
    void relax() {
        relaxed = true;
    }

    /**
     * The driver's own connection is handed out: what is done with it counts when it is back.
     *
     * @param own the session of whoever gets it, or {@code null}
     */
    void handOut(@Nullable ConsistencySession own) {
        if (handedOut.isEmpty() && lease.role() == NodeRole.PRIMARY) {
            join(own, services.routing().sessions().shared());
            handedOut.addAll(writes());
        }
    }

    /** An exchange has ended, or its connection. */
    void over(SessionNote note, Hold hold) {
        notes.remove(note);
        if (hold.isBroken() || note.isCut()) {
            lost.addAll(note.writes());
            settleWhenGone();
        } else {
            long moment = flushed();
            note.writes().forEach(write -> write.ended(epoch, moment));
        }
        settleIfOver(hold);
    }

    /** Tells what stood in a transaction that is over: the next position of the primary includes it, or it was rolled back. */
    void settleIfOver(Hold hold) {
        if (sessions.isEmpty() || !notes.isEmpty()) {
            return;
        }
        if (hold.isBroken()) {
            // What may have been committed all the same is among those that are lost.
            sessions.clear();
        } else if (!hold.isInTransaction()) {
            settle();
        }
    }

    /** Tells that what was done has taken effect, or never will. */
    void settle() {
        long moment = flushed();
        for (ConsistencySession session : sessions) {
            if (sessions.remove(session)) {
                session.written(epoch, moment);
            }
        }
    }

    /** The connection is dropped, whatever still runs on it. */
    void dropped(Hold hold) {
        notes.forEach(note -> note.ended(hold));
        sessions.clear();
        for (Write write = handedOut.poll(); write != null; write = handedOut.poll()) {
            lost.add(write);
        }
        if (!lost.isEmpty()) {
            settleWhenGone();
        }
    }

    /** Returns from when on positions of the primary include what has ended by now. */
    private long flushed() {
        ConnectionSetUp setUp = lease.connection().setUp();
        // Until then the position that is asked for may be too low for a commit that was acknowledged before.
        return relaxed || setUp.asynchronousCommit() ? now() + setUp.flushTime().toNanos() : now();
    }

    /**
     * Settles them once nothing runs for them any more. The server may go on with what its client has left: a commit that waits for its
     * standby is visible only after that.
     */
    private void settleWhenGone() {
        lost.forEach(Write::outcomeUnknown);
        if (gone) {
            settleLost();
        } else if (!lost.isEmpty() && awaited.compareAndSet(false, true)) {
            services.background()
                    .run("waiting for the end of a lost session", whenGone().doOnSuccess(over -> {
                        // In this order: what is added from now on settles itself.
                        gone = true;
                        settleLost();
                    }));
        }
    }

    private void settleLost() {
        long moment = flushed();
        for (Write write = lost.poll(); write != null; write = lost.poll()) {
            write.ended(epoch, moment);
        }
    }

    private Mono<Void> whenGone() {
        return Mono.defer(this::isGone)
                // A factory that is closed gives no connection any more.
                .onErrorReturn(error -> !(error instanceof IllegalStateException), false)
                .filter(gone -> gone)
                .repeatWhenEmpty(tries -> tries.concatMap(
                        number -> Mono.delay(pause(number), services.waiting().timers())))
                .then();
    }

    private Mono<Boolean> isGone() {
        Topology present = topology();
        if (present.epoch() != epoch) {
            return Mono.just(true);
        }
        NodeState node = present.node(lease.node());
        return node == null || !node.isUsable()
                ? Mono.just(false)
                : Flux.usingWhen(
                                services.pools().acquire(node),
                                other -> other.connection()
                                        .isGone(lease.connection().setUp().backendId()),
                                other -> Mono.fromRunnable(other::release),
                                (other, error) -> Mono.fromRunnable(other::discard),
                                other -> Mono.fromRunnable(other::discard))
                        .single();
    }

    private static Duration pause(long tries) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(tries, 10));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    private Topology topology() {
        return services.routing().topology().current();
    }
}
