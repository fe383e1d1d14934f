package io.github.r2dbcrouting.hold;

import io.github.r2dbcrouting.acquiring.Acquiring.Confirmed;
import io.github.r2dbcrouting.balancing.Flights;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.pool.DeadlineWatch;
import io.github.r2dbcrouting.pool.Lease;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.IsolationLevel;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A lease as one virtual connection holds it: by the exchanges that run on it, and by the pin if there is one. It goes
 * back to its pool when the last of them has let go: as it is if nothing was left in its session, after a reset if
 * something may have been, and not at all if it is broken.
 */
public final class Hold implements DeadlineWatch.Watched {

    private static final Logger logger = LoggerFactory.getLogger(Hold.class);

    private static final AtomicIntegerFieldUpdater<Hold> USERS =
            AtomicIntegerFieldUpdater.newUpdater(Hold.class, "users");

    private final Lease lease;
    private final Flights flights;
    private final HoldPurpose purpose;
    private final ConnectionServices services;
    private final IsolationLevel isolationLevel;
    private final Sinks.@Nullable Empty<Void> returned;
    private final Drains drains = new Drains();
    private final GivingUp givingUp = new GivingUp(this);
    private final HeldTransaction transaction = new HeldTransaction(this);
    private final long epoch;

    /** Whatever writes runs on a pin. */
    private final @Nullable UnsettledWrites unsettled;

    private volatile int users = 1;
    private volatile @Nullable RunningExchange running;
    private volatile boolean altered;
    private volatile boolean retired;
    private volatile boolean exposed;
    private volatile boolean autoCommitOff;
    private volatile boolean broken;
    private volatile boolean resetting;
    private volatile boolean discarded;

    /** The hold that this one follows among the {@link RunningReads}. */
    private @Nullable Hold previous;

    private Hold(Confirmed confirmed, HoldPurpose purpose, ConnectionServices services) {
        this.lease = confirmed.lease();
        this.flights = new Flights(confirmed.load(), confirmed.askedAt());
        this.purpose = purpose;
        // Only the end of a pin is waited for.
        this.returned = purpose == HoldPurpose.RESULTS ? null : Sinks.empty();
        this.services = services;
        this.epoch = services.routing().topology().current().epoch();
        this.unsettled = purpose == HoldPurpose.RESULTS ? null : new UnsettledWrites(lease, services, epoch);
        this.isolationLevel = lease.connection().getTransactionIsolationLevel();
    }

    /** Takes a hold with one user. */
    public static Hold take(Confirmed confirmed, HoldPurpose purpose, ConnectionServices services) {
        Hold hold = new Hold(confirmed, purpose, services);
        if (hold.isPinned()) {
            hold.flights.keep();
        }
        // In this order: who is told of a failed probe may have been told before this hold was known.
        hold.connection().heldBy(hold.givingUp);
        hold.givingUp.begin();
        return hold;
    }

    ConnectionServices services() {
        return services;
    }

    /** Returns what is held. */
    public Lease lease() {
        return lease;
    }

    /** Returns what it has in flight at its node. */
    public Flights flights() {
        return flights;
    }

    /** Returns the connection, for what goes on in its session. */
    public DriverConnection connection() {
        return lease.connection();
    }

    /** Notes the exchange that is about to be sent. */
    public void runs(RunningExchange exchange) {
        running = exchange;
    }

    public boolean isPinned() {
        return purpose != HoldPurpose.RESULTS;
    }

    /** Returns whether the pin was taken for reading only, so that it ends with its transaction. */
    public boolean isPinnedForReading() {
        return purpose == HoldPurpose.READING_PIN;
    }

    /** Takes part in the hold, unless it is already back or on its way there. */
    public boolean tryRetain() {
        int present = users;
        while (present > 0) {
            if (USERS.compareAndSet(this, present, present + 1)) {
                return true;
            }
            present = users;
        }
        return false;
    }

    /** Lets go; whoever lets go last gives the connection back. */
    public void release() {
        settleIfOver();
        if (USERS.decrementAndGet(this) == 0) {
            giveBack();
            return;
        }
        givingUp.somethingEnded();
    }

    /** Returns the epoch of the cluster in which the connection was taken. */
    long epoch() {
        return epoch;
    }

    /** Returns what was done on it that has not taken effect for good; {@code null} where nothing is done but reading. */
    @Nullable
    UnsettledWrites unsettled() {
        return unsettled;
    }

    private void settleIfOver() {
        if (unsettled != null) {
            unsettled.settleIfOver(this);
        }
    }

    /** Emits nothing and completes when the connection is back or dropped. */
    public Mono<Void> whenReturned() {
        return returned == null ? Mono.empty() : returned.asMono();
    }

    @Override
    public boolean hasEnded() {
        return users <= 0;
    }

    /**
     * Its virtual connection was closed some time ago. Reads that nobody wants any more are watched on their own and may
     * yet be cancelled at the server; anything else, such as a result that was never consumed, has had its time.
     */
    @Override
    public void overdue() {
        if (!isWhollyAbandoned()) {
            discard();
            RunningExchange last = running;
            if (last != null) {
                last.releaseUnconsumed();
            }
        } else if (drains.areAwaited()) {
            services.watches().drains().watch(this);
        }
    }

    /** Returns whether nothing runs on it any more that its loss could end. */
    boolean isOver() {
        return discarded || hasEnded() && !resetting;
    }

    /** Returns what an error on this connection says. */
    public ErrorKind kindOf(Throwable error) {
        return givingUp.kindOf(error);
    }

    /** Returns the error that the user gets. */
    public Throwable translate(Throwable error) {
        return givingUp.translate(error);
    }

    /** Returns what is known of its transaction. */
    public HeldTransaction transaction() {
        return transaction;
    }

    /** Drops the connection at once, whatever still runs on it. */
    public void discard() {
        logger.debug("dropping {}", lease);
        broken = true;
        discarded = true;
        lease.discard();
        RunningExchange last = running;
        if (last != null && !last.hasEnded()) {
            last.lost();
        }
        flights.endAll();
        if (unsettled != null) {
            unsettled.dropped(this);
        }
        tellReturned();
    }

    /** Notes what an error says about the connection. */
    public void failed(Throwable error, ErrorKind kind) {
        boolean lost = kind.isLostConnection() || kind == ErrorKind.OUTCOME_UNKNOWN;
        boolean demoted = kind == ErrorKind.READ_ONLY_REFUSAL && lease.role() == NodeRole.PRIMARY;
        // A connection that was dropped on purpose says nothing of its node.
        if ((lost || demoted) && !broken) {
            services.routing().topology().suspect(lease.node(), lease.generation());
        }
        if (lost) {
            transaction.lose(translate(error));
        }
        broken |= lost;
    }

    /** Notes that statements or setters may have left something in the session. */
    public void alter() {
        altered = true;
    }

    /** Notes that commits may from now on be acknowledged before they are flushed. */
    public void relaxCommits() {
        if (unsettled != null) {
            unsettled.relax();
        }
    }

    /** Notes that the driver's own connection was handed out, so that nobody can know what was done with it. */
    public void expose() {
        exposed = true;
    }

    /**
     * The driver's own connection is handed out.
     *
     * @param session the session of whoever gets it, or {@code null}
     */
    public void handOut(@Nullable ConsistencySession session) {
        expose();
        if (unsettled != null) {
            unsettled.handOut(session);
        }
    }

    /** Returns what runs on it that nobody wants any more. */
    public Drains drains() {
        return drains;
    }

    /** Returns whether the connection is lost, or was dropped. */
    public boolean isBroken() {
        return broken;
    }

    /** Returns whether its session holds what no other connection has. */
    public boolean isAltered() {
        return altered || exposed || autoCommitOff;
    }

    /** Notes that the session stays without auto-commit until it is switched on again. */
    public void autoCommitOff(boolean off) {
        autoCommitOff = off;
    }

    /** Notes that the settings of the session have changed since it was taken. */
    public void retire() {
        retired = true;
    }

    /** Returns whether nobody wants any exchange that runs on it. */
    public boolean isWhollyAbandoned() {
        return users - (drains.areAwaited() ? 1 : 0) <= drains.count();
    }

    /** Returns whether something runs on it; the pin itself is a user that has nothing under way. */
    boolean hasUnderWay() {
        return users > (isPinned() ? 1 : 0);
    }

    /** Returns whether its pin is its only user. */
    public boolean isIdle() {
        return users == 1;
    }

    /** Returns whether another exchange may be sent on it. */
    boolean isFit() {
        return !broken && !retired && drains.count() == 0;
    }

    /** Returns whether the driver sees a transaction on it. */
    public boolean isInTransaction() {
        return !connection().isAutoCommit();
    }

    /** Notes what comes behind this hold among those of its virtual connection. */
    void follow(@Nullable Hold earlier) {
        previous = earlier;
    }

    @Nullable
    Hold previous() {
        return previous;
    }

    /** Has it watched unless it is over. */
    public void watch() {
        if (!hasEnded()) {
            services.watches().watchUnlessSoonOver(this, connection());
        }
    }

    private void tellReturned() {
        if (returned != null) {
            returned.tryEmitEmpty();
        }
    }

    private void giveBack() {
        flights.endAll();
        if (broken || exposed) {
            connection().heldBy(null);
            discard();
        } else if (altered || isInTransaction()) {
            resetting = true;
            SessionReset reset = new SessionReset(lease, altered, isolationLevel);
            services.background().run("resetting a session", reset.run().doFinally(signal -> {
                if (unsettled != null) {
                    unsettled.settle();
                }
                tellReturned();
            }));
        } else {
            connection().heldBy(null);
            lease.release();
            tellReturned();
        }
    }
}
