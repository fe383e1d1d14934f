package io.github.r2dbcrouting.virtual;

import io.github.r2dbcrouting.acquiring.Acquiring.Confirmed;
import io.github.r2dbcrouting.acquiring.Deciding;
import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.hold.HoldPurpose;
import io.github.r2dbcrouting.hold.RunningReads;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.transaction.LostTransaction;
import io.github.r2dbcrouting.transaction.TransactionChange;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Which physical connections one virtual connection holds. Reads take one for as long as a result runs, and prefer the
 * node of the last read. A write, a transaction or whatever else belongs to one session takes a pin, which stays until
 * the virtual connection ends: there is at most one at a time, and while it is there everything goes to it.
 */
public final class VirtualSession {

    private final ConnectionServices services;
    private final Deciding deciding;
    private final RoutingHints factoryHints;
    private final Pinning pinning = new Pinning(this);
    private final RunningReads reads = new RunningReads();
    private volatile SessionSettings settings = SessionSettings.NONE;
    private volatile boolean wrote;
    private volatile @Nullable OptimisticTransaction optimistic;
    private volatile boolean closed;

    /**
     * Creates a session that holds nothing yet.
     *
     * @param factoryHints what the factory that it comes from wishes for all its statements
     */
    public VirtualSession(ConnectionServices services, RoutingHints factoryHints) {
        this.services = services;
        this.factoryHints = factoryHints;
        this.deciding = new Deciding(services);
    }

    /** Returns what it shares with all others of its factory. */
    public ConnectionServices services() {
        return services;
    }

    /** Returns what the factory wishes for all its statements. */
    public RoutingHints factoryHints() {
        return factoryHints;
    }

    /** Returns what decides where its statements go. */
    public Deciding deciding() {
        return deciding;
    }

    /** Returns whether it has ended for good. */
    public boolean isClosed() {
        return closed;
    }

    /** Returns the pinned connection, or {@code null} while there is none. */
    public @Nullable Hold pinned() {
        return pinning.hold();
    }

    /**
     * Returns a cold {@link Mono} of a hold on which the wanted statement may be sent; it must be released once.
     * Cancelling gives up the wait.
     */
    public Mono<Hold> hold(Want want) {
        if (closed) {
            return Mono.error(closedError());
        }
        Pin present = pinning.live();
        if (present != null) {
            return onPin(present, want, this::hold);
        }
        if (wrote) {
            // Its pin was lost: what it wrote may be nowhere but on the primary.
            return onPin(pinning.take(want.asWrite()), want, this::hold);
        }
        if (!want.isRead()) {
            return onPin(pinning.take(want), want, this::hold);
        }
        if (!settings.areForReplicas(services.driver().dialect())) {
            return onPin(pinning.take(want.asWrite()), want, this::hold);
        }
        if (want.readOnlyTransaction()) {
            return onPin(pinning.take(want), want, this::hold);
        }
        RouteDecision decision = deciding.decide(want, reads.lastNode());
        return decision != null
                ? read(want, decision)
                : deciding.await(want, reads.lastNode())
                        // Meanwhile it may have been closed or pinned.
                        .flatMap(later -> closed || pinned() != null ? hold(want) : read(want, later));
    }

    private Mono<Hold> read(Want want, RouteDecision decision) {
        NodeState node = decision.node();
        if (node != null
                && want.access() != Access.READ
                && node.equals(decision.topology().primary())) {
            return onPin(pinning.take(want), want, this::hold);
        }
        Hold shared = node == null ? null : reads.join(node, decision, deciding.acquiring());
        if (shared != null) {
            RouteReport.tell(services, want, shared, decision);
            return Mono.just(shared);
        }
        return deciding.acquire(want, decision).flatMap(confirmed -> reading(confirmed, want));
    }

    /**
     * Returns a cold {@link Mono} of the pin, taken if there is none; it must be released once, which leaves it pinned.
     */
    public Mono<Hold> pin(Want want) {
        if (closed) {
            return Mono.error(closedError());
        }
        Pin present = pinning.live();
        Hold pinned = present == null ? null : present.hold();
        TransactionChange change = pinned == null ? null : pinned.transaction().change();
        return change == null
                ? onPin(present == null ? pinning.take(want) : present, want, this::pin)
                // Until then the driver may not see a transaction that there is.
                : change.whenOver().then(Mono.defer(() -> pin(want)));
    }

    /** Ends the pin: its connection goes back as soon as nothing runs on it any more. */
    public void unpin(Hold hold) {
        if (pinning.end(hold)) {
            hold.release();
            if (!hold.hasEnded()) {
                // A result may never be consumed: it is looked at again when the virtual connection ends.
                hold.retire();
                reads.keep(hold);
            }
        }
    }

    /** Ends a pin that was taken for a read-only transaction, once there is no transaction on it any more. */
    public void unpinAfterReading(Hold hold) {
        if (hold.isPinnedForReading() && !hold.isInTransaction()) {
            optimistic = null;
            unpin(hold);
        }
    }

    /**
     * Ends a transaction that was lost. What else the session had is lost too: if that was nothing, it goes on with another
     * connection.
     */
    public void endTransaction(Hold hold) {
        if (hold.isAltered()) {
            hold.transaction().endLost();
        } else {
            unpin(hold);
        }
    }

    /** Returns the optimistic transaction that is still on its replica or on its way from there, or {@code null}. */
    public @Nullable OptimisticTransaction optimistic() {
        return optimistic;
    }

    /** Returns whether nothing has happened yet for which a transaction would have to be on the primary. */
    boolean mayBeOptimistic(RoutingHints hints) {
        return optimistic == null
                && pinning.isEmpty()
                && !wrote
                && hints.role() != NodeRole.PRIMARY
                && hints.node() == null;
    }

    void beginOptimism(OptimisticTransaction begun) {
        optimistic = begun;
    }

    /** It has moved, or has ended: from now on there is nothing special about it. */
    void endOptimism(OptimisticTransaction over) {
        if (optimistic == over) {
            optimistic = null;
        }
    }

    /** Changes the session's settings and applies them to the pin, if there is one. */
    public Mono<Void> set(SessionSettings changed) {
        if (closed) {
            return Mono.error(closedError());
        }
        settings = changed;
        reads.retire();
        Hold hold = pinned();
        if (hold == null || !hold.tryRetain()) {
            return Mono.empty();
        }
        LostTransaction lost = hold.transaction().lost();
        if (lost != null) {
            hold.release();
            return Mono.error(lost.error());
        }
        hold.alter();
        return changed.applyTo(hold.connection()).doFinally(signal -> hold.release());
    }

    /** Returns what the SPI's setters have asked for. */
    public SessionSettings settings() {
        return settings;
    }

    /**
     * Lets go of everything, at once. What is returned completes when the pinned connection is back, or was dropped because
     * what ran on it did not end in time.
     *
     * @param forever whether the virtual connection ends; otherwise it starts again as a new one
     */
    public Mono<Void> end(boolean forever) {
        closed |= forever;
        settings = SessionSettings.NONE;
        optimistic = null;
        wrote = false;
        deciding.startAnew();
        reads.end();
        Hold hold = pinning.endAny();
        if (hold == null) {
            return Mono.empty();
        }
        hold.drains().close();
        hold.release();
        hold.watch();
        return hold.whenReturned();
    }

    /** What a pin of the primary has written may be nowhere else. */
    void writes() {
        wrote = true;
    }

    private Mono<Hold> reading(Confirmed confirmed, Want want) {
        if (want.access() != Access.READ && confirmed.lease().role() == NodeRole.PRIMARY) {
            // Meant for a replica, but there was none: here it may write, so it must not be taken for a read.
            confirmed.lease().release();
            return onPin(pinning.take(want.asWrite()), want, this::hold);
        }
        Hold hold = Hold.take(confirmed, HoldPurpose.RESULTS, services);
        if (closed) {
            hold.release();
            return Mono.error(closedError());
        }
        reads.begin(hold);
        RouteReport.tell(services, want, hold, confirmed.decision());
        return settings.prepare(hold);
    }

    private Mono<Hold> onPin(Pin target, Want want, Function<Want, Mono<Hold>> anew) {
        Hold pinned = target.hold();
        LostTransaction lost = pinned == null ? null : pinned.transaction().lost();
        if (lost != null) {
            return Mono.error(lost.error());
        }
        if (pinned != null && pinned.isPinnedForReading()) {
            TransactionChange change = pinned.transaction().change();
            if (change != null || !pinning.isAt(target)) {
                // If it ends the transaction, or has ended it this moment, what comes now may be for another node.
                Mono<Void> over = change == null ? Mono.empty() : change.whenOver();
                return over.then(Mono.defer(() -> anew.apply(want)));
            }
        }
        if (pinned != null && pinned.drains().count() > 0 && !pinned.isInTransaction()) {
            // What is sent behind a read that nobody wants any more keeps that from being cancelled. The pin may be
            // lost meanwhile.
            return pinned.drains().whenOver().then(Mono.defer(() -> anew.apply(want)));
        }
        return retained(target, want);
    }

    private Mono<Hold> retained(Pin target, Want want) {
        return target.acquisition().<Hold>handle((hold, sink) -> {
            if (hold.tryRetain()) {
                RouteReport.tell(services, want, hold, target.decisionFor(want));
                sink.next(hold);
            } else {
                sink.error(closedError());
            }
        });
    }

    static IllegalStateException closedError() {
        return new IllegalStateException("the connection is closed; take a new one from the factory");
    }
}
