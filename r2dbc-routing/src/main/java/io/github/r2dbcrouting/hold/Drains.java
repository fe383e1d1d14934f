package io.github.r2dbcrouting.hold;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What runs on one connection though nobody wants it any more. Safe for concurrent use. */
public final class Drains {

    private static final AtomicIntegerFieldUpdater<Drains> COUNT =
            AtomicIntegerFieldUpdater.newUpdater(Drains.class, "count");
    private static final AtomicReferenceFieldUpdater<Drains, @Nullable End> AWAITED =
            AtomicReferenceFieldUpdater.newUpdater(Drains.class, End.class, "awaited");

    private static final AtomicIntegerFieldUpdater<Drains> WAITERS =
            AtomicIntegerFieldUpdater.newUpdater(Drains.class, "waiters");

    private volatile int count;
    private volatile int waiters;
    private volatile boolean closed;
    private volatile @Nullable End awaited;

    /** One more exchange, or the request to cancel one at the server, is of no interest to anybody: nothing new is sent behind it. */
    public void begin() {
        COUNT.incrementAndGet(this);
    }

    /** One of them has ended; the last one tells whoever waits. */
    public void end() {
        if (COUNT.decrementAndGet(this) == 0) {
            tellWaiters();
        }
    }

    /** Returns how many there are. */
    public int count() {
        return count;
    }

    /**
     * Returns a cold {@link Mono} that completes when all have ended. While somebody waits, reads among them may be cancelled at
     * the server though the connection is pinned: so the owner of the pin, for whom this is, sends nothing before. Cancelling
     * gives up the wait.
     */
    public Mono<Void> whenOver() {
        return Mono.defer(() -> {
                    WAITERS.incrementAndGet(this);
                    return nextEnd().sink.asMono();
                })
                .doFinally(signal -> WAITERS.decrementAndGet(this));
    }

    /** Returns whether the owner of the pin waits for nothing but their end. */
    public boolean areAwaited() {
        return waiters > 0 && !closed;
    }

    /** The pin has no owner any more: nobody's wait counts. */
    public void close() {
        closed = true;
        tellWaiters();
    }

    /** Whoever takes it away tells it, so that no waiter is forgotten. */
    private End nextEnd() {
        End next = awaited;
        while (next == null) {
            AWAITED.compareAndSet(this, null, new End());
            next = awaited;
        }
        if (count == 0 || closed) {
            tellWaiters();
        }
        return next;
    }

    private void tellWaiters() {
        End end = AWAITED.getAndSet(this, null);
        if (end != null) {
            end.sink.tryEmitEmpty();
        }
    }

    private static final class End {

        private final Sinks.Empty<Void> sink = Sinks.empty();
    }
}
