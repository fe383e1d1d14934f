package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.ConsistencySession.Write;
import io.github.r2dbcrouting.dialect.ConnectionSetUp;
import io.github.r2dbcrouting.pool.Lease;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
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
 * What was done on one connection and has not taken effect for good, with the sessions that are to hear when it has: once its
 * transaction is over, or, if the connection was lost while it may have been committing, once the server's side of it is gone.
 */
final class UnsettledWrites {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final Set<ConsistencySession> sessions = ConcurrentHashMap.newKeySet();
    private final Queue<Write> writes = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awaited = new AtomicBoolean();
    private final Lease lease;
    private final ConnectionServices services;
    private final long epoch;
    private volatile boolean committing;
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

    /**
     * Takes over what an exchange that has ended may have written.
     *
     * @param session the session that is to hear of it
     * @param write the write that it knows of already, or {@code null}
     */
    void add(ConsistencySession session, @Nullable Write write) {
        sessions.add(session);
        if (write != null) {
            writes.add(write);
        }
    }

    /** Something is about to be sent that may take effect for good, and with it what stands in the open transaction. */
    void mayCommit() {
        committing = true;
        for (ConsistencySession session : sessions) {
            writes.add(session.writeStarts());
        }
    }

    /** Commits may from now on be acknowledged before they are flushed. */
    void relax() {
        relaxed = true;
    }

    /** Whoever has them committed has gone. */
    void abandoned() {
        writes.forEach(Write::abandoned);
    }

    boolean isEmpty() {
        return sessions.isEmpty() && writes.isEmpty();
    }

    /** Settles them once their transaction is over, or the server's side of a connection that broke. */
    void settleIfOver(Hold hold) {
        if (hold.isBroken() && committing) {
            writes.forEach(Write::outcomeUnknown);
            settleWhenGone();
        } else if (hold.isBroken()) {
            // The transaction was never to be committed.
            sessions.clear();
        } else if (!hold.isInTransaction()) {
            settle();
        }
    }

    /** Tells that they are over: the next position of the primary includes them, or they were rolled back. */
    void settle() {
        committing = false;
        ConnectionSetUp setUp = lease.connection().setUp();
        // Until then the position that is asked for may be too low for a commit that was acknowledged before.
        long over = relaxed || setUp.asynchronousCommit()
                ? now() + setUp.flushTime().toNanos()
                : now();
        for (ConsistencySession session : sessions) {
            if (sessions.remove(session)) {
                session.written(epoch, over);
            }
        }
        for (Write write = writes.poll(); write != null; write = writes.poll()) {
            write.ended(epoch, over);
        }
    }

    /**
     * Settles them once nothing runs for them any more. The server may go on with what its client has left: a commit that waits for its
     * standby is visible only after that.
     */
    private void settleWhenGone() {
        if (!awaited.compareAndSet(false, true)) {
            return;
        }
        services.background()
                .run("waiting for the end of a lost session", whenGone().doOnSuccess(over -> settle()));
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
