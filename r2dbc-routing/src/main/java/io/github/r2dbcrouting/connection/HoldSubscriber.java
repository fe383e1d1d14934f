package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.services.PrimaryAdmission.Ticket;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Waits for a connection and sends on it. One that arrives after the wait was given up is released. */
final class HoldSubscriber implements CoreSubscriber<Hold> {

    private static final AtomicReferenceFieldUpdater<HoldSubscriber, @Nullable Subscription> SOURCE =
            AtomicReferenceFieldUpdater.newUpdater(HoldSubscriber.class, Subscription.class, "source");

    private final Sending sending;
    private final ExchangeOwner owner;

    @SuppressWarnings("UnusedVariable") // Only its updater uses it.
    private volatile @Nullable Subscription source;

    private volatile @Nullable Ticket ticket;
    private boolean held;

    HoldSubscriber(Sending sending, ExchangeOwner owner) {
        this.sending = sending;
        this.owner = owner;
    }

    void admitted(Ticket admitted) {
        ticket = admitted;
    }

    boolean isFor(ExchangeOwner other) {
        return owner == other;
    }

    void cancel() {
        Subscription present = SOURCE.getAndSet(this, Operators.cancelledSubscription());
        if (present != null) {
            present.cancel();
        }
    }

    @Override
    public Context currentContext() {
        return owner.context();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (SOURCE.compareAndSet(this, null, subscription)) {
            subscription.request(Long.MAX_VALUE);
        } else {
            subscription.cancel();
        }
    }

    @Override
    public void onNext(Hold hold) {
        held = true;
        sending.sendOn(hold, ticket, owner);
    }

    @Override
    public void onError(Throwable error) {
        owner.onUnsent(sending.unsent(error));
    }

    @Override
    public void onComplete() {
        if (!held) {
            owner.onNothingToSend();
        }
    }
}
