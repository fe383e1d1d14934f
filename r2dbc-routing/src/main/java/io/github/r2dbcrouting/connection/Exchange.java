package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.connection.PrimaryAdmission.Ticket;
import io.github.r2dbcrouting.dialect.DriverCalls;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
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
 * reported to the {@link DrainWatch}.
 */
final class Exchange implements CoreSubscriber<Result>, DrainWatch.Drainable {

    private static final int DRAINING = 0;
    private static final int CANCELLING = 1;
    private static final int DISCARDED = 2;

    private final Hold hold;
    private final ConnectionServices services;
    private final Sending sending;
    private final Owner owner;
    private final Ticket ticket;
    private final boolean writing;
    private final AtomicInteger openParts = new AtomicInteger(1);
    private final AtomicInteger wantedParts = new AtomicInteger(1);
    private final AtomicInteger overdueStep = new AtomicInteger(DRAINING);
    private final AtomicInteger drainedRows = new AtomicInteger();
    private final AtomicReference<@Nullable Subscription> driver = new AtomicReference<>();
    private final AtomicBoolean sequenceUnwanted = new AtomicBoolean();
    private volatile boolean abandoned;
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
    Exchange(Hold hold, Sending sending, Owner owner, Ticket ticket, boolean writing) {
        this.hold = hold;
        this.services = sending.services();
        this.sending = sending;
        this.owner = owner;
        this.ticket = ticket;
        this.writing = writing;
    }

    /** Who takes the driver's sequence of results. */
    interface Owner {

        Context context();

        /** Returns whether nobody waits for results any more, so that nothing need be sent. */
        boolean isGone();

        /** An exchange is about to be sent for this owner. */
        void onExchange(Exchange exchange);

        /** No connection could be had. */
        void onUnsent(Throwable error);

        void onSource(Subscription subscription);

        void onResult(RoutingResult result);

        void onFailure(Exchange exchange, Throwable error);

        void onEnd(Exchange exchange);
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
            subscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(Result result) {
        results++;
        openParts.incrementAndGet();
        if (sequenceUnwanted.get()) {
            Draining.drain(result, this);
            return;
        }
        wantedParts.incrementAndGet();
        owner.onResult(new RoutingResult(result, this, results == 1));
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
            if (subscription != null) {
                subscription.request(Long.MAX_VALUE);
            }
            partUnwanted();
        }
    }

    /** One part is wanted no more, and was not at its end. */
    void partUnwanted() {
        if (wantedParts.decrementAndGet() == 0 && !hasEnded()) {
            abandoned = true;
            hold.abandon();
            // A pinned connection may drain for as long as its virtual connection lives.
            if (!hold.isPinned()) {
                services.watches().drains().watch(this);
            }
        }
    }

    private void endSequence() {
        if (!sequenceUnwanted.getAndSet(true)) {
            wantedParts.decrementAndGet();
        }
        partEnded();
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
            if (abandoned) {
                hold.drained();
            }
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
        if (!writing && overdueStep.compareAndSet(DRAINING, CANCELLING)) {
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
