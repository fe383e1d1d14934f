package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.pool.DeadlineWatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;

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

    /** A pinned connection may drain for as long as its virtual connection lives. */
    void watch() {
        if (!hold.isPinned()) {
            hold.watchUnlessSoonOver(this);
        }
    }

    /** The exchange has ended. */
    void settle() {
        if (settled.compareAndSet(false, true)) {
            hold.drained();
        }
    }

    /** A row came that nobody wants. */
    void rowDrained() {
        if (++drainedRows == services.exchanges().drainRows() && !hold.isPinned()) {
            overdue();
        }
    }

    @Override
    public boolean hasEnded() {
        return exchange.hasEnded();
    }

    @Override
    public void overdue() {
        if (hasEnded()) {
            return;
        }
        if (!hold.isWhollyAbandoned()) {
            // Somebody waits for another exchange behind it, which must not be hit.
            services.watches().drains().watch(this);
        } else if (!exchange.isWriting() && step.compareAndSet(Step.DRAINING, Step.CANCELLED)) {
            cancelAtServer();
        } else if (step.getAndSet(Step.DISCARDED) != Step.DISCARDED) {
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
}
