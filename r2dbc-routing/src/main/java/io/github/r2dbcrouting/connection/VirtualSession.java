package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.connection.Acquiring.Confirmed;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.session.CatchUp;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * Which physical connections one virtual connection holds. Reads take one for as long as a result runs, and prefer the
 * node of the last read. A write, a transaction or whatever else belongs to one session takes a pin, which stays until
 * the virtual connection ends: there is at most one at a time, and while it is there everything goes to it.
 */
final class VirtualSession {

    private final ConnectionServices services;
    private final Acquiring acquiring;
    private final RouteReport report;
    private final RoutingHints factoryHints;
    private final AtomicReference<@Nullable Pin> pin = new AtomicReference<>();
    private volatile SessionSettings settings = SessionSettings.NONE;
    private volatile @Nullable Hold reading;
    private volatile @Nullable NodeId lastRead;
    private volatile boolean wrote;
    private volatile @Nullable OptimisticTransaction optimistic;
    private volatile boolean closed;
    private volatile @Nullable ConsistencySession consistency;

    /**
     * Creates a session that holds nothing yet.
     *
     * @param factoryHints what the factory that it comes from wishes for all its statements
     */
    VirtualSession(ConnectionServices services, RoutingHints factoryHints) {
        this.services = services;
        this.factoryHints = factoryHints;
        this.acquiring = new Acquiring(services);
        this.report = new RouteReport(services);
        this.consistency = services.routing().sessions().ofConnection();
    }

    ConnectionServices services() {
        return services;
    }

    /** Returns what the factory wishes for all its statements. */
    RoutingHints factoryHints() {
        return factoryHints;
    }

    /**
     * Returns why a statement must not be sent, whatever connection there is: it names what does not exist, or is a write that
     * its hints send to a replica. In a transaction that has begun, the server judges that.
     */
    @Nullable
    Throwable objection(Want want, StatementProfile profile) {
        if (!want.isForReplica() && want.hints().region() == null) {
            return null;
        }
        RouteDecision test = acquiring.decide(want.test());
        Hold pinned = pinned();
        boolean misplaced = test.refusal() == Refusal.WRITE_ON_REPLICA
                && want.access() == Access.WRITE
                && !profile.controlsTransaction()
                && (pinned == null || !pinned.isInTransaction());
        return misplaced || test.refusal() == Refusal.UNKNOWN_NAME ? Refusals.of(test, null) : null;
    }

    /** Returns whether hints ask for a replica, as far as is known of the node that they may name. */
    boolean isReplica(RoutingHints hints) {
        NodeId name = hints.node();
        NodeState node =
                name == null ? null : services.routing().topology().current().node(name);
        return hints.role() == NodeRole.REPLICA || node != null && node.role() == NodeRole.REPLICA;
    }

    boolean isClosed() {
        return closed;
    }

    /** Returns the pinned connection, or {@code null} while there is none. */
    @Nullable
    Hold pinned() {
        Pin present = pin.get();
        return present == null ? null : present.hold;
    }

    /**
     * Returns a cold {@link Mono} of a hold on which the wanted statement may be sent; it must be released once.
     * Cancelling gives up the wait.
     */
    Mono<Hold> hold(Want want) {
        if (closed) {
            return Mono.error(closedError());
        }
        Pin present = livePin();
        if (present != null) {
            return onPin(present, want, this::hold);
        }
        if (wrote) {
            // Its pin was lost: what it wrote may be nowhere but on the primary.
            return onPin(newPin(want.asWrite()), want, this::hold);
        }
        if (!want.isRead()) {
            return onPin(newPin(want), want, this::hold);
        }
        if (!settings.areForReplicas(services.driver().dialect())) {
            return onPin(newPin(want.asWrite()), want, this::hold);
        }
        if (want.readOnlyTransaction()) {
            return onPin(newPin(want), want, this::hold);
        }
        RouteDecision decision = decide(want, lastRead);
        return decision != null
                ? read(want, decision)
                : awaited(want, lastRead)
                        // Meanwhile it may have been closed or pinned.
                        .flatMap(later -> closed || pinned() != null ? hold(want) : read(want, later));
    }

    /** Decides on a read, or returns {@code null} if no node is known to show what its session has seen. */
    private @Nullable RouteDecision decide(Want want, @Nullable NodeId preferred) {
        SessionView view = want.view();
        return view == null || !view.isBinding() || !want.isRead()
                ? acquiring.decide(want.request(preferred))
                : catchUp().decide(view.session(), view.level(), want.request(preferred));
    }

    private Mono<RouteDecision> awaited(Want want, @Nullable NodeId preferred) {
        SessionView view = want.view();
        return view == null
                ? Mono.fromSupplier(() -> acquiring.decide(want.request(preferred)))
                : catchUp().await(view.session(), view.level(), want.request(preferred));
    }

    private CatchUp catchUp() {
        return services.routing().sessions().catchUp();
    }

    /** Returns what a statement of this connection is to see of a session, or {@code null} for nothing. */
    @Nullable
    SessionView view(ContextView context, RoutingHints hints) {
        return SessionView.of(services.routing().sessions(), context, hints, consistency);
    }

    private Mono<Hold> read(Want want, RouteDecision decision) {
        NodeState node = decision.node();
        if (node != null
                && want.access() != Access.READ
                && node.equals(decision.topology().primary())) {
            return onPin(newPin(want), want, this::hold);
        }
        Hold shared = reading;
        if (node != null && shared != null && isShareable(shared, node, decision) && shared.tryRetain()) {
            report.tell(want, shared, decision);
            return Mono.just(shared);
        }
        return acquiring.acquire(decision).flatMap(confirmed -> reading(confirmed, want));
    }

    /**
     * Returns a cold {@link Mono} of the pin, taken if there is none; it must be released once, which leaves it pinned.
     */
    Mono<Hold> pin(Want want) {
        if (closed) {
            return Mono.error(closedError());
        }
        Pin present = livePin();
        Hold pinned = present == null ? null : present.hold;
        TransactionChange change = pinned == null ? null : pinned.change();
        return change == null
                ? onPin(present == null ? newPin(want) : present, want, this::pin)
                // Until then the driver may not see a transaction that there is.
                : change.whenOver().then(Mono.defer(() -> pin(want)));
    }

    /** Ends the pin: its connection goes back as soon as nothing runs on it any more. */
    void unpin(Hold hold) {
        Pin present = pin.get();
        if (present != null && present.hold == hold && pin.compareAndSet(present, null)) {
            hold.release();
            if (!hold.hasEnded()) {
                // A result may never be consumed: it is looked at again when the virtual connection ends.
                hold.retire();
                hold.follow(reading);
                reading = hold;
            }
        }
    }

    /** Ends a pin that was taken for a read-only transaction, once there is no transaction on it any more. */
    void unpinAfterReading(Hold hold) {
        if (hold.isPinnedForReading() && !hold.isInTransaction()) {
            optimistic = null;
            unpin(hold);
        }
    }

    /**
     * Ends a transaction that was lost. What else the session had is lost too: if that was nothing, it goes on with another
     * connection.
     */
    void endTransaction(Hold hold) {
        if (hold.isAltered()) {
            hold.endLost();
        } else {
            unpin(hold);
        }
    }

    /** Returns the optimistic transaction that is still on its replica or on its way from there, or {@code null}. */
    @Nullable
    OptimisticTransaction optimistic() {
        return optimistic;
    }

    /** Returns whether nothing has happened yet for which a transaction would have to be on the primary. */
    boolean mayBeOptimistic(RoutingHints hints) {
        return optimistic == null
                && pin.get() == null
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
    Mono<Void> set(SessionSettings changed) {
        if (closed) {
            return Mono.error(closedError());
        }
        settings = changed;
        Hold shared = reading;
        if (shared != null) {
            shared.retire();
        }
        Hold hold = pinned();
        if (hold == null || !hold.tryRetain()) {
            return Mono.empty();
        }
        LostTransaction lost = hold.lost();
        if (lost != null) {
            hold.release();
            return Mono.error(lost.error());
        }
        hold.alter();
        return changed.applyTo(hold.connection()).doFinally(signal -> hold.release());
    }

    SessionSettings settings() {
        return settings;
    }

    /**
     * Lets go of everything, at once. What is returned completes when the pinned connection is back, or was dropped because
     * what ran on it did not end in time.
     *
     * @param forever whether the virtual connection ends; otherwise it starts again as a new one
     */
    Mono<Void> end(boolean forever) {
        closed |= forever;
        settings = SessionSettings.NONE;
        optimistic = null;
        wrote = false;
        lastRead = null;
        consistency = services.routing().sessions().ofConnection();
        for (Hold hold = reading; hold != null; hold = hold.previous()) {
            // What was abandoned is watched already.
            if (!hold.isWhollyAbandoned()) {
                watch(hold);
            }
        }
        reading = null;
        Pin present = pin.getAndSet(null);
        Hold hold = present == null ? null : present.hold;
        if (hold == null) {
            return Mono.empty();
        }
        hold.drains().close();
        hold.release();
        watch(hold);
        return hold.whenReturned();
    }

    private void watch(Hold hold) {
        if (!hold.hasEnded()) {
            hold.watchUnlessSoonOver(hold);
        }
    }

    private Mono<Hold> reading(Confirmed confirmed, Want want) {
        if (want.access() != Access.READ && confirmed.lease().role() == NodeRole.PRIMARY) {
            // Meant for a replica, but there was none: here it may write, so it must not be taken for a read.
            confirmed.lease().release();
            return onPin(newPin(want.asWrite()), want, this::hold);
        }
        Hold hold = Hold.take(confirmed.lease(), HoldPurpose.RESULTS, services);
        if (closed) {
            hold.release();
            return Mono.error(closedError());
        }
        hold.follow(reading);
        reading = hold;
        lastRead = confirmed.lease().node();
        report.tell(want, hold, confirmed.decision());
        return prepared(hold);
    }

    private Mono<Hold> prepared(Hold hold) {
        SessionSettings present = settings;
        if (present.isEmpty()) {
            return Mono.just(hold);
        }
        hold.alter();
        return present.applyTo(hold.connection())
                .thenReturn(hold)
                .doOnError(error -> hold.discard())
                .doOnCancel(hold::discard);
    }

    private boolean isShareable(Hold hold, NodeState node, RouteDecision decision) {
        return hold.isFit()
                && hold.lease().node().equals(node.id())
                && hold.lease().generation() == node.generation()
                && (decision.request().requiredPosition() == null || acquiring.isConfirmed(hold.lease(), decision));
    }

    private Mono<Hold> onPin(Pin target, Want want, Function<Want, Mono<Hold>> anew) {
        Hold pinned = target.hold;
        LostTransaction lost = pinned == null ? null : pinned.lost();
        if (lost != null) {
            return Mono.error(lost.error());
        }
        if (pinned != null && pinned.isPinnedForReading()) {
            TransactionChange change = pinned.change();
            if (change != null || pin.get() != target) {
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
        return target.acquisition.<Hold>handle((hold, sink) -> {
            if (hold.tryRetain()) {
                report.tell(want, hold, target.decisionFor(want));
                sink.next(hold);
            } else {
                sink.error(closedError());
            }
        });
    }

    private Pin newPin(Want want) {
        while (true) {
            Pin present = pin.get();
            if (present != null) {
                return present;
            }
            Pin next = new Pin(want);
            if (pin.compareAndSet(null, next)) {
                return next;
            }
        }
    }

    /**
     * Returns the pin if it can still be used. One that broke, or whose node began another life, is given up unless it
     * holds what cannot be had again: then the error, or its last answers, are what the user must see. So is one for a
     * read-only transaction that has ended, or that never began since its user cancelled.
     */
    private @Nullable Pin livePin() {
        Pin present = pin.get();
        Hold hold = present == null ? null : present.hold;
        if (present == null || hold == null) {
            return present;
        }
        boolean idle = hold.isPinnedForReading() && !hold.isInTransaction() && hold.isIdle();
        if (hold.lost() != null || !idle && (isCurrent(hold) || hold.isAltered() || hold.isInTransaction())) {
            return present;
        }
        unpin(hold);
        return null;
    }

    private boolean isCurrent(Hold hold) {
        NodeState node =
                services.routing().topology().current().node(hold.lease().node());
        return !hold.isBroken()
                && node != null
                && node.generation() == hold.lease().generation();
    }

    static IllegalStateException closedError() {
        return new IllegalStateException("the connection is closed; take a new one from the factory");
    }

    private Mono<RouteDecision> decided(Want want) {
        return Mono.defer(() -> {
            RouteDecision decision = decide(want, null);
            return decision == null ? awaited(want, null) : Mono.just(decision);
        });
    }

    /** The pin, from when its acquisition begins: whoever else needs it meanwhile waits for the same one. */
    private final class Pin {

        private final Want first;
        private final Mono<Hold> acquisition;
        private volatile @Nullable Hold hold;
        private volatile @Nullable RouteDecision decision;

        Pin(Want want) {
            first = want;
            // A waiter that gives up must not take the connection away from the others: the acquisition is shared, runs
            // to its end, and the pin owns what it brings.
            acquisition = decided(want)
                    .flatMap(acquiring::acquire)
                    .flatMap(this::hold)
                    .doOnError(error -> pin.compareAndSet(this, null))
                    .cache();
        }

        private Mono<Hold> hold(Confirmed confirmed) {
            Hold taken = Hold.take(
                    confirmed.lease(),
                    first.readOnlyTransaction() ? HoldPurpose.READING_PIN : HoldPurpose.PIN,
                    services);
            decision = confirmed.decision();
            wrote |= !first.readOnlyTransaction() && confirmed.lease().role() == NodeRole.PRIMARY;
            // Held until it is prepared, even if the session ends meanwhile: its settings must not follow its reset.
            taken.tryRetain();
            hold = taken;
            if (closed || pin.get() != this) {
                taken.release();
                taken.release();
                return Mono.error(closedError());
            }
            return prepared(taken).doFinally(signal -> taken.release());
        }

        /** The decision is told with the statement that brought the pin about, and with no other. */
        @Nullable
        RouteDecision decisionFor(Want want) {
            return want == first ? decision : null;
        }
    }
}
