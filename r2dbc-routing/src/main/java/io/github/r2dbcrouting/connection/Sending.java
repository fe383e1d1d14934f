package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.acquiring.SessionView;
import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.cost.ObservedCost;
import io.github.r2dbcrouting.cost.QueryCosts;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.error.Refusals;
import io.github.r2dbcrouting.error.WriteOnReplicaException;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.hold.SessionNote;
import io.github.r2dbcrouting.retry.RetryPolicy;
import io.github.r2dbcrouting.selection.HintPrecedence;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.services.PrimaryAdmission.Ticket;
import io.github.r2dbcrouting.sql.RoutingComment;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.transaction.LostTransaction;
import io.github.r2dbcrouting.transaction.SeenResult;
import io.github.r2dbcrouting.transaction.TransactionChange;
import io.github.r2dbcrouting.transaction.TransactionText;
import io.github.r2dbcrouting.transaction.TransactionText.Ending;
import io.github.r2dbcrouting.virtual.OptimisticTransaction;
import io.github.r2dbcrouting.virtual.Recipe;
import io.github.r2dbcrouting.virtual.VirtualSession;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Sends one statement, once or again: a read whose node failed before it had delivered anything, a write that was never sent,
 * or one that its user has marked as idempotent. Acquire, confirm, send, acknowledge.
 */
final class Sending {

    private static final Ticket NO_TICKET = () -> null;

    private final VirtualSession session;
    private final Recipe recipe;
    private final StatementProfile profile;
    private final @Nullable SessionView view;
    private final @Nullable ObservedCost cost;
    private volatile Want want;
    private volatile @Nullable HoldSubscriber acquisition;

    /** Not before something failed. */
    private volatile @Nullable Repetition repetition;

    /**
     * Prepares to send.
     *
     * @param context the subscriber's, from which the hints are read
     */
    Sending(VirtualSession session, Recipe recipe, StatementProfile profile, Context context) {
        this.session = session;
        this.recipe = recipe;
        this.profile = profile;
        RoutingComment comment = profile.comment();
        // One that is defective is refused when it comes to sending; its wishes may contradict each other.
        RoutingHints hints = HintPrecedence.ofStatement(
                comment == null || comment.defect() != null ? null : comment,
                RoutingHints.from(context),
                session.factoryHints());
        this.view = session.deciding().view(context, hints);
        QueryCosts costs = services().routing().observed().costs();
        this.cost = costs == null || !profile.isRead() ? null : costs.of(recipe.sql());
        Want wanted = wanted(hints).seeing(view);
        this.want = cost != null && cost.isHeavy() ? wanted.asHeavy() : wanted;
        session.services().retrying().policy().statement();
    }

    private Want wanted(RoutingHints hints) {
        return TransactionText.beginsReading(
                        recipe.sql(), profile, services().driver().dialect())
                ? Want.toReadOnly(recipe.sql(), hints)
                : Want.of(recipe.sql(), profile.access(), hints);
    }

    Recipe.Shape shape() {
        return recipe.shape();
    }

    ConnectionServices services() {
        return session.services();
    }

    /** Takes a connection and sends; the owner gets the results, or the reason why nothing was sent. */
    void send(ExchangeOwner owner) {
        Throwable objection = objection();
        if (objection != null) {
            owner.onUnsent(objection);
            return;
        }
        HoldSubscriber waiting = new HoldSubscriber(this, owner);
        acquisition = waiting;
        hold(waiting).subscribe(waiting);
    }

    private void send(ExchangeOwner owner, Duration pause) {
        HoldSubscriber waiting = new HoldSubscriber(this, owner);
        acquisition = waiting;
        policy().after(pause).flatMap(passed -> hold(waiting)).subscribe(waiting);
    }

    private @Nullable Throwable objection() {
        RoutingComment comment = profile.comment();
        if (comment != null && comment.defect() != null) {
            return Refusals.of(comment.defect());
        }
        if (!want.hasPlaces()) {
            return null;
        }
        Hold pinned = session.pinned();
        boolean inTransaction = pinned != null && pinned.isInTransaction();
        return session.deciding().objection(want, inTransaction || profile.controlsTransaction());
    }

    private Mono<Hold> hold(HoldSubscriber waiting) {
        OptimisticTransaction optimistic = session.optimistic();
        return optimistic == null
                ? holdNow(waiting)
                : optimistic.before(recipe, profile).flatMap(go -> holdNow(waiting));
    }

    private Mono<Hold> holdNow(HoldSubscriber waiting) {
        Hold pinned = session.pinned();
        LostTransaction lost = pinned == null ? null : pinned.transaction().lost();
        if (pinned != null && lost != null) {
            return inLost(pinned, lost);
        }
        return isForPrimary(pinned)
                ? services()
                        .admission()
                        .admit(services().routing().topology().current())
                        .flatMap(ticket -> hold().doOnNext(hold -> waiting.admitted(ticket)))
                : hold();
    }

    /** Of a transaction that was lost only the end can be had: there is nothing to roll back, and nothing that could be committed. */
    private Mono<Hold> inLost(Hold pinned, LostTransaction lost) {
        Ending ending = TransactionText.ending(recipe.sql(), profile);
        if (ending != Ending.NONE) {
            session.endTransaction(pinned);
        }
        return ending == Ending.ROLLBACK ? Mono.empty() : Mono.error(lost.error());
    }

    /** The driver knows now whether there is a transaction after a text that may have begun or ended one. */
    void changed(Hold hold, TransactionChange change) {
        if (hold.transaction().lost() == null) {
            session.unpinAfterReading(hold);
        } else if (change.ends()) {
            session.endTransaction(hold);
        }
    }

    /** A defect is an answer like any other. */
    private Mono<Hold> hold() {
        try {
            return session.hold(want);
        } catch (RuntimeException defect) {
            return Mono.error(defect);
        }
    }

    /** Gives up waiting, for a retry or for a connection, if that is what goes on for this owner. */
    void cancel(ExchangeOwner owner) {
        HoldSubscriber waiting = acquisition;
        if (waiting != null && waiting.isFor(owner)) {
            waiting.cancel();
        }
    }

    /**
     * Returns whether the statement is to run again after an error before its first row, which is counted. A read runs elsewhere;
     * what was never sent, and what may be executed twice, runs on another connection, unless it belongs to a session or a
     * transaction that is lost with its own.
     */
    boolean mayRunAgain(Exchange exchange, Throwable error) {
        if (!recipe.shape().hasOneResult() || want.hints().node() != null) {
            return false;
        }
        ErrorKind kind = exchange.kindOf(error);
        if (Repetition.isMisplaced(want, exchange, kind)) {
            return !want.isForReplica();
        }
        return repetition().mayFollow(want, exchange, kind, error);
    }

    /** Takes note of an error: what a replica has refused as a write is known for one, also where it cannot be sent again. */
    void failed(Exchange exchange, ErrorKind kind) {
        if (Repetition.isMisplaced(want, exchange, kind)) {
            services().profiles().learnWrite(recipe.sql());
        }
    }

    /** Takes note of how long it took. */
    void took(long nanos) {
        if (cost != null) {
            cost.took(nanos);
        }
    }

    /** Takes note that everything that was sent has ended well. */
    void ended() {
        if (profile.has(Trait.CHANGES_SCHEMA)) {
            services().profiles().schemaChanged();
        }
    }

    /** Sends again, on another node or another connection. */
    void again(Exchange failed, Throwable error, ExchangeOwner owner) {
        Duration pause = Duration.ZERO;
        session.unpin(failed.hold());
        SeenResult seen = failed.seen();
        OptimisticTransaction optimistic = session.optimistic();
        if (seen != null && optimistic != null) {
            optimistic.forget(seen);
        }
        if (Repetition.isMisplaced(want, failed, failed.kindOf(error))) {
            // The server knows better than the text: it writes, here and whenever it is seen again.
            services().profiles().learnWrite(recipe.sql());
            want = want.asWrite();
        } else {
            pause = repetition().pause();
            if (failed.hold().lease().role() != NodeRole.PRIMARY) {
                want = want.after(failed.hold().lease().node());
            }
        }
        if (pause.isZero()) {
            send(owner);
        } else {
            send(owner, pause);
        }
    }

    private Repetition repetition() {
        Repetition present = repetition;
        if (present == null) {
            present = new Repetition(policy());
            repetition = present;
        }
        return present;
    }

    private RetryPolicy policy() {
        return services().retrying().policy();
    }

    /** Returns the error for the user, after the one of the node: with why it was not sent again, if that is not plain. */
    Throwable explain(Exchange exchange, ErrorKind kind, Throwable error) {
        if (want.isForReplica() && Repetition.isMisplaced(want, exchange, kind)) {
            services().profiles().learnWrite(recipe.sql());
            return new WriteOnReplicaException(
                    "was refused as a write by node " + exchange.hold().lease().node()
                            + ", to which hints have sent it",
                    error);
        }
        Repetition present = repetition;
        return present == null ? error : present.explain(error);
    }

    /** Returns the error for the user when nothing could be sent again: what had failed before is told with it. */
    Throwable unsent(Throwable error) {
        Repetition present = repetition;
        return present == null ? error : present.unsent(error);
    }

    /** Called with the connection on which to send. */
    void sendOn(Hold hold, @Nullable Ticket ticket, ExchangeOwner owner) {
        if (owner.isGone()) {
            hold.release();
            return;
        }
        if (profile.altersSession()) {
            hold.alter();
        }
        if (profile.has(Trait.RELAXES_COMMITS)) {
            hold.relaxCommits();
        }
        boolean writing = hold.lease().role() == NodeRole.PRIMARY
                && want.access() != Access.READ
                && TransactionText.mayTakeEffect(
                        profile, hold.isInTransaction(), services().driver().dialect());
        SessionNote note = SessionNote.of(services().routing().sessions(), view, hold, writing);
        Exchange exchange = new Exchange(hold, this, owner, ticket == null ? NO_TICKET : ticket, writing, note);
        if (profile.controlsTransaction()) {
            exchange.changes(new TransactionChange(profile));
        }
        OptimisticTransaction optimistic = session.optimistic();
        if (optimistic != null && profile.isRead() && hold.isPinnedForReading()) {
            exchange.shows(optimistic.record(recipe));
        }
        owner.onExchange(exchange);
        exchange.send(recipe);
    }

    private boolean isForPrimary(@Nullable Hold pinned) {
        return want.access() != Access.READ && (pinned == null || pinned.lease().role() == NodeRole.PRIMARY);
    }
}
