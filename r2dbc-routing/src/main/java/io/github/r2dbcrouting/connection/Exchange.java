package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.connection.PrimaryAdmission.Ticket;
import io.github.r2dbcrouting.dialect.DriverCalls;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.pool.DeadlineWatch;
import io.r2dbc.spi.Result;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One sending of a statement on one connection, until its very end.
 *
 * <p>It consists of parts: the driver's sequence of results, and each result that was emitted. The connection is held
 * until every part has ended, since {@code Mono.from(execute()).flatMapMany(map)} cancels the sequence first and consumes
 * the rows afterwards. The driver is never cancelled: what nobody wants any more is drained, which for most queries ends
 * with the next packet and leaves the connection in step. An exchange that goes on although nobody wants any of it is
 * reported to the {@link DeadlineWatch}.
 */
final class Exchange implements CoreSubscriber<Result>, DeadlineWatch.Watched {

    private static final int DRAINING = 0;
    private static final int CANCELLING = 1;
    private static final int DISCARDED = 2;

    private final Hold hold;
    private final ConnectionServices services;
    private final Sending sending;
    private final ExchangeOwner owner;
    private final Ticket ticket;
    private final boolean writing;
    private final AtomicInteger openParts = new AtomicInteger(1);
    private final AtomicInteger wantedParts = new AtomicInteger(1);
    private final AtomicInteger overdueStep = new AtomicInteger(DRAINING);
    private final AtomicInteger drainedRows = new AtomicInteger();
    private final AtomicReference<@Nullable Subscription> driver = new AtomicReference<>();
    private final AtomicBoolean sequenceUnwanted = new AtomicBoolean();
    private final AtomicBoolean sequenceEnded = new AtomicBoolean();
    private final AtomicBoolean abandoned = new AtomicBoolean();
    private volatile boolean superseded;
    private int results;

    /**
     * Creates an exchange.
     *
     * @param hold is released when the exchange has ended
     * @param sending runs the statement again elsewhere
     * @param owner takes the driver's signals
     * @param ticket says whether the acknowledgement of a write counts
     * @param writing whether a lost answer leaves the outcome unknown
     */
    Exchange(Hold hold, Sending sending, ExchangeOwner owner, Ticket ticket, boolean writing) {
        this.hold = hold;
        this.services = sending.services();
        this.sending = sending;
        this.owner = owner;
        this.ticket = ticket;
        this.writing = writing;
    }

    void send(Recipe recipe) {
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
        driver.set(subscription);
        owner.onSource(subscription);
        if (sequenceUnwanted.get()) {
            if (sequenceEnded.get()) {
                subscription.cancel();
            } else {
                subscription.request(Long.MAX_VALUE);
            }
        }
    }

    @Override
    public void onNext(Result result) {
        results++;
        if (sequenceUnwanted.get()) {
            if (!isSentWhenConsumed()) {
                openParts.incrementAndGet();
                Draining.drain(result, this);
            }
            return;
        }
        openParts.incrementAndGet();
        wantedParts.incrementAndGet();
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
        if (sequenceUnwanted.compareAndSet(false, true)) {
            Subscription subscription = driver.get();
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
        if (sequenceEnded.compareAndSet(false, true)) {
            hold.expose();
            if (subscription != null) {
                subscription.cancel();
            }
            partEnded();
        }
    }

    /** One part is wanted no more, and was not at its end. */
    void partUnwanted() {
        if (wantedParts.decrementAndGet() != 0 || hasEnded()) {
            return;
        }
        hold.abandon();
        abandoned.set(true);
        if (hasEnded()) {
            settle();
        } else if (!hold.isPinned()) {
            // A pinned connection may drain for as long as its virtual connection lives.
            services.watches().drains().watch(this);
        }
    }

    private void settle() {
        if (abandoned.compareAndSet(true, false)) {
            hold.drained();
        }
    }

    private void endSequence() {
        if (!sequenceUnwanted.getAndSet(true)) {
            wantedParts.decrementAndGet();
        }
        if (sequenceEnded.compareAndSet(false, true)) {
            partEnded();
        }
    }

    /** A result has come to its end while somebody wanted it. */
    void wantedPartEnded() {
        wantedParts.decrementAndGet();
        partEnded();
    }

    /** A part has come to its end; the last one ends the exchange. */
    void partEnded() {
        if (openParts.decrementAndGet() == 0) {
            // In this order: a hold with a user who has not abandoned it would count as one that was never consumed.
            hold.release();
            settle();
        }
    }

    /** A row came that nobody wants. */
    void rowDrained() {
        if (drainedRows.incrementAndGet() == services.exchanges().drainRows()
                && !hold.isPinned()
                && wantedParts.get() == 0) {
            overdue();
        }
    }

    @Override
    public boolean hasEnded() {
        return openParts.get() <= 0;
    }

    /** First a read is cancelled at the server; if that does not end it either, the connection is dropped. */
    @Override
    public void overdue() {
        if (hasEnded()) {
            return;
        }
        if (!hold.isWhollyAbandoned()) {
            // Somebody waits for another exchange behind it, which must not be hit.
            services.watches().drains().watch(this);
        } else if (!writing && overdueStep.compareAndSet(DRAINING, CANCELLING)) {
            cancelAtServer();
        } else if (overdueStep.getAndSet(DISCARDED) != DISCARDED) {
            hold.discard();
        }
    }

    /** The connection is held until the cancel request has ended too, so that it cannot hit a later statement. */
    private void cancelAtServer() {
        hold.abandon();
        if (!hold.tryRetain()) {
            hold.drained();
            return;
        }
        Mono<Void> cancel = services.pools()
                .pool(hold.lease().node())
                .cancel(hold.connection())
                // One that failed may still be on its way.
                .doOnError(error -> hold.discard())
                .doFinally(signal -> {
                    hold.release();
                    hold.drained();
                    services.watches().cancels().watch(this);
                });
        services.background().run("cancelling a read at node " + hold.lease().node(), cancel);
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
        return calls().kindOf(error);
    }

    /** Notes what an error says about the connection and its node. */
    void note(Throwable error) {
        hold.failed(kindOf(error));
    }

    /** Returns the error that the user gets. */
    Throwable translate(Throwable error) {
        Throwable translated = calls().translate(error);
        return writing && kindOf(error).duringWrite() == ErrorKind.OUTCOME_UNKNOWN
                ? new OutcomeUnknownException(
                        "node " + hold.lease().node() + ": the connection broke while a write was in flight: "
                                + translated.getMessage() + "; whether it took effect is not known",
                        translated)
                : translated;
    }

    private DriverCalls calls() {
        return hold.connection().calls();
    }
}
