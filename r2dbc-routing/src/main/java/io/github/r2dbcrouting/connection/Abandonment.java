package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.pool.DeadlineWatch;
import io.github.r2dbcrouting.services.AbandonmentTally;
import io.github.r2dbcrouting.services.ConnectionServices;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * An exchange of which nobody wants any part any more, though it goes on. It is given the drain time or so many rows to end
 * by itself; then it is cancelled at the server if it only reads; and if that does not end it either, or it writes, its
 * connection is dropped.
 */
final class Abandonment implements DeadlineWatch.Watched {

    private final Exchange exchange;
    private final Hold hold;
    private final ConnectionServices services;
    private final AtomicBoolean settled = new AtomicBoolean();
    private final AtomicReference<Step> step = new AtomicReference<>(Step.DRAINING);
    // Counted by the driver's signals, which come one at a time.
    private int drainedRows;

    /** Begins the abandonment of an exchange, which its hold was told of. */
    Abandonment(Exchange exchange, ConnectionServices services) {
        this.exchange = exchange;
        this.hold = exchange.hold();
        this.services = services;
    }

    private enum Step {
        DRAINING,
        CANCELLED,
        DISCARDED
    }

    void watch() {
        services.watches().watchUnlessSoonOver(this, hold.connection());
    }

    /** The exchange has ended. */
    void settle() {
        if (settled.compareAndSet(false, true)) {
            count();
            hold.drains().end();
        }
    }

    private void count() {
        AbandonmentTally tally = services.watches().tally();
        if (hold.isBroken()) {
            tally.discarded();
        } else if (step.get() == Step.CANCELLED) {
            tally.cancelled();
        } else {
            tally.drained();
        }
    }

    /** A row came that nobody wants. */
    void rowDrained() {
        if (++drainedRows == services.exchanges().drainRows() && hold.isWhollyAbandoned()) {
            overdue();
        }
    }

    @Override
    public boolean hasEnded() {
        return exchange.hasEnded();
    }

    @Override
    public void overdue() {
        if (hasEnded() || step.get() != Step.DRAINING) {
            return;
        }
        if (!hold.isWhollyAbandoned() || exchange.isWriting() && hold.drains().areAwaited()) {
            // Somebody waits behind it for another exchange, which must not be hit, or for the session, which must not
            // be lost.
            services.watches().drains().watch(this);
        } else if (exchange.isWriting()) {
            discard();
        } else if (step.compareAndSet(Step.DRAINING, Step.CANCELLED)) {
            cancelAtServer();
        }
    }

    private void discard() {
        if (!hasEnded() && step.getAndSet(Step.DISCARDED) != Step.DISCARDED) {
            hold.discard();
        }
    }

    /** The connection is held until the cancel request has ended too, so that it cannot hit a later statement. */
    private void cancelAtServer() {
        hold.drains().begin();
        if (!hold.tryRetain()) {
            hold.drains().end();
            return;
        }
        Mono<Void> cancel = hold.lease().cancel().doFinally(signal -> {
            if (signal != SignalType.ON_COMPLETE) {
                // It may still be on its way, also where the read has ended by itself meanwhile.
                hold.discard();
            }
            hold.release();
            hold.drains().end();
            services.watches().cancels().watch(new AfterCancel());
        });
        services.background().run("cancelling a read at node " + hold.lease().node(), cancel);
    }

    /** A cancelled statement ends at once, unless the node or the network is broken. */
    private final class AfterCancel implements DeadlineWatch.Watched {

        @Override
        public boolean hasEnded() {
            return exchange.hasEnded();
        }

        @Override
        public void overdue() {
            discard();
        }
    }
}
