package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.hold.RunningExchange;
import io.github.r2dbcrouting.hold.SessionNote;
import io.github.r2dbcrouting.pool.Lease;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.services.PrimaryAdmission.Ticket;
import io.github.r2dbcrouting.transaction.SeenResult;
import io.github.r2dbcrouting.transaction.TransactionChange;
import io.github.r2dbcrouting.virtual.Recipe;
import io.r2dbc.spi.Result;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One sending of a statement on one connection, until its very end.
 *
 * <p>It consists of parts: the driver's sequence of results, and each result that was emitted. The connection is held
 * until every part has ended, since {@code Mono.from(execute()).flatMapMany(map)} cancels the sequence first and consumes
 * the rows afterwards. The driver is never cancelled: what nobody wants any more is drained, which for most queries ends
 * with the next packet and leaves the connection in step. What becomes of an exchange that goes on although nobody wants
 * any of it, its {@link Abandonment} decides.
 */
final class Exchange implements CoreSubscriber<Result>, RunningExchange {

    private static final AtomicIntegerFieldUpdater<Exchange> OPEN_PARTS =
            AtomicIntegerFieldUpdater.newUpdater(Exchange.class, "openParts");
    private static final AtomicIntegerFieldUpdater<Exchange> WANTED_PARTS =
            AtomicIntegerFieldUpdater.newUpdater(Exchange.class, "wantedParts");
    private static final AtomicIntegerFieldUpdater<Exchange> MARKS =
            AtomicIntegerFieldUpdater.newUpdater(Exchange.class, "marks");

    private static final int SEQUENCE_UNWANTED = 1;
    private static final int SEQUENCE_ENDED = 2;

    private final Hold hold;
    private final ConnectionServices services;
    private final Sending sending;
    private final ExchangeOwner owner;
    private final Ticket ticket;
    private final boolean writing;
    private final @Nullable SessionNote note;
    private final FirstAnswer answer;
    private @Nullable TransactionChange change;
    private @Nullable SeenResult seen;
    private volatile int openParts = 1;

    @SuppressWarnings("UnusedVariable") // Only its updater uses it.
    private volatile int wantedParts = 1;

    private volatile int marks;
    private volatile @Nullable Subscription driver;
    private volatile @Nullable Abandonment abandonment;
    private volatile boolean superseded;
    private volatile @Nullable ErrorKind failure;
    private int results;
    private @Nullable Result latest;

    /**
     * Creates an exchange.
     *
     * @param hold is released when the exchange has ended
     * @param sending runs the statement again elsewhere
     * @param owner takes the driver's signals
     * @param ticket says whether the acknowledgement of a write counts
     * @param writing whether a lost answer leaves the outcome unknown
     * @param note tells sessions of it, or {@code null}
     */
    Exchange(
            Hold hold,
            Sending sending,
            ExchangeOwner owner,
            Ticket ticket,
            boolean writing,
            @Nullable SessionNote note) {
        this.hold = hold;
        this.services = sending.services();
        this.sending = sending;
        this.owner = owner;
        this.ticket = ticket;
        this.writing = writing;
        this.note = note;
        Lease lease = hold.lease();
        this.answer = FirstAnswer.after(
                hold.flights(), services.routing().observed().outcomes().of(lease.node(), lease.generation()));
    }

    /** Notes that what is about to be sent may begin or end a transaction. */
    void changes(TransactionChange text) {
        change = text;
        hold.transaction().changes(text);
    }

    /** Notes where to keep what its user sees. */
    void shows(SeenResult record) {
        seen = record;
    }

    /** Returns where to keep what its user sees, in an optimistic transaction; else {@code null}. */
    @Nullable
    SeenResult seen() {
        return seen;
    }

    void send(Recipe recipe) {
        hold.runs(this);
        answer.sent(services.waiting().now());
        try {
            recipe.execute(hold.connection().driver()).subscribe(this);
        } catch (RuntimeException refused) {
            // The driver refuses some statements when they are made rather than by a signal.
            onSubscribe(Operators.emptySubscription());
            onError(refused);
        }
    }

    Hold hold() {
        return hold;
    }

    @Override
    public void lost() {
        answer.lost(failure, services.waiting().now());
        if (note != null) {
            note.ended(hold);
        }
    }

    /** A row of it is about to be handed out, the first one. */
    void firstRow() {
        answer.came();
        if (note != null) {
            note.firstRow(hold);
        }
    }

    boolean hasResults() {
        return results > 0;
    }

    /** Returns whether a lost answer leaves the outcome unknown. */
    boolean isWriting() {
        return writing;
    }

    Sending sending() {
        return sending;
    }

    @Override
    public Context currentContext() {
        return owner.context();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        driver = subscription;
        owner.onSource(subscription);
        if (isMarked(SEQUENCE_UNWANTED)) {
            if (isMarked(SEQUENCE_ENDED)) {
                subscription.cancel();
            } else {
                subscription.request(Long.MAX_VALUE);
            }
        }
    }

    @Override
    public void onNext(Result result) {
        results++;
        if (!isSentWhenConsumed()) {
            answer.came();
        }
        if (isMarked(SEQUENCE_UNWANTED)) {
            if (!isSentWhenConsumed()) {
                OPEN_PARTS.incrementAndGet(this);
                Draining.drain(result, this);
            }
            return;
        }
        // In this order: who finds the part open finds the result too.
        latest = result;
        if (note != null) {
            note.shown();
        }
        OPEN_PARTS.incrementAndGet(this);
        WANTED_PARTS.incrementAndGet(this);
        owner.onResult(new RoutingResult(result, this, results == 1));
    }

    private boolean isSentWhenConsumed() {
        return sending.shape().hasParameters() && services.driver().dialect().sendsWhenConsumed();
    }

    @Override
    public void onError(Throwable error) {
        note(error);
        endSequence();
        if (superseded) {
            owner.onEnd(this);
        } else {
            owner.onFailure(this, error);
        }
    }

    @Override
    public void onComplete() {
        endSequence();
        Throwable invalid = ticket.acknowledge();
        if (invalid == null) {
            owner.onEnd(this);
        } else {
            owner.onFailure(this, invalid);
        }
    }

    /** Nobody takes further results of the sequence; those that were emitted go on. */
    void sequenceUnwanted() {
        if (mark(SEQUENCE_UNWANTED)) {
            Subscription subscription = driver;
            if (sending.shape() == Recipe.Shape.SERIES) {
                endSeries(subscription);
            } else if (subscription != null) {
                subscription.request(Long.MAX_VALUE);
            }
            partUnwanted();
        }
    }

    /**
     * Draining a series would execute what nobody has asked for yet. It is the one thing that is cancelled at the driver,
     * which then keeps to itself when it has ended: so the connection is not lent again.
     */
    private void endSeries(@Nullable Subscription subscription) {
        if (mark(SEQUENCE_ENDED)) {
            hold.expose();
            if (note != null) {
                note.cut();
            }
            if (subscription != null) {
                subscription.cancel();
            }
            sequenceOver();
        }
    }

    private void sequenceOver() {
        TransactionChange present = change;
        if (present != null) {
            // In this order: who sees no change any more sees what came of it, and who waits asks at once where to go
            // on.
            sending.changed(hold, present);
            hold.transaction().changed(present);
            present.over();
        }
        partEnded();
        SeenResult record = seen;
        if (record != null) {
            record.end();
        }
    }

    /** One part is wanted no more, and was not at its end. */
    void partUnwanted() {
        if (WANTED_PARTS.decrementAndGet(this) != 0 || hasEnded()) {
            return;
        }
        answer.unwanted();
        hold.drains().begin();
        if (note != null) {
            note.abandoned();
        }
        Abandonment begun = new Abandonment(this, services);
        abandonment = begun;
        if (hasEnded()) {
            begun.settle();
        } else {
            begun.watch();
        }
    }

    private void endSequence() {
        if (mark(SEQUENCE_UNWANTED)) {
            WANTED_PARTS.decrementAndGet(this);
        }
        if (mark(SEQUENCE_ENDED)) {
            sequenceOver();
        }
    }

    /** A result has come to its end while somebody wanted it. */
    void wantedPartEnded() {
        WANTED_PARTS.decrementAndGet(this);
        partEnded();
    }

    /** A part has come to its end; the last one ends the exchange. */
    void partEnded() {
        if (OPEN_PARTS.decrementAndGet(this) == 0) {
            tellOutcome();
            hold.flights().end();
            if (note != null) {
                note.ended(hold);
            }
            Abandonment present = abandonment;
            if (present != null && hold.isPinned()) {
                // In this order: with one user less than is true, a read behind it might be cancelled in a transaction.
                present.settle();
                hold.release();
            } else {
                // In this order: a hold with a user who has not abandoned it would count as one that was never
                // consumed.
                hold.release();
                if (present != null) {
                    present.settle();
                }
            }
        }
    }

    private void tellOutcome() {
        long now = services.waiting().now();
        answer.ended(failure, now);
        if (failure == null) {
            sending.took(answer.took(now));
        }
    }

    /** A row came that nobody wants. */
    void rowDrained() {
        Abandonment present = abandonment;
        if (present != null) {
            present.rowDrained();
        }
    }

    @Override
    public boolean hasEnded() {
        return openParts <= 0;
    }

    @Override
    public void releaseUnconsumed() {
        Result unconsumed = hasEnded() || isSentWhenConsumed() ? null : latest;
        if (unconsumed != null) {
            // Not even that somebody was faster is of interest.
            Flux.from(unconsumed.getRowsUpdated()).onErrorComplete().subscribe(Operators.drainSubscriber());
        }
    }

    private boolean isMarked(int mark) {
        return (marks & mark) != 0;
    }

    /** Returns whether this is the first to mark it. */
    private boolean mark(int mark) {
        return (MARKS.getAndUpdate(this, present -> present | mark) & mark) == 0;
    }

    /** The statement runs again elsewhere: whatever this exchange still says is of no interest. */
    void supersede() {
        superseded = true;
    }

    @Nullable
    Throwable acknowledge() {
        return ticket.acknowledge();
    }

    ErrorKind kindOf(Throwable error) {
        ErrorKind kind = hold.kindOf(error);
        // Of several executions or texts an earlier one may have been sent.
        return kind == ErrorKind.UNSENT && !sending.shape().hasOneResult() ? ErrorKind.NODE_FAULT : kind;
    }

    /** Notes what an error says about the connection and its node. */
    void note(Throwable error) {
        ErrorKind kind = kindOf(error);
        answer.failed(kind);
        if (failure == null) {
            // What fails on a connection that is dropped already says nothing more of its node.
            failure = hold.isBroken() ? ErrorKind.UNSENT : kind;
        }
        sending.failed(this, kind);
        hold.failed(error, kind);
        SeenResult record = seen;
        if (record != null) {
            record.failed(error, kind.isLostConnection());
        }
    }

    /** Returns the error that the user gets. */
    Throwable translate(Throwable error) {
        ErrorKind kind = kindOf(error);
        if (!writing || kind.duringWrite() != ErrorKind.OUTCOME_UNKNOWN) {
            return sending.explain(this, kind, hold.transaction().translate(error));
        }
        Throwable translated = sending.explain(this, kind, hold.translate(error));
        return new OutcomeUnknownException(
                "node " + hold.lease().node() + ": the connection broke while a write was in flight: "
                        + translated.getMessage() + "; whether it took effect is not known",
                translated);
    }
}
