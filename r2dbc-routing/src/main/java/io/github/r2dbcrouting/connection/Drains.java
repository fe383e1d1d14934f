package io.github.r2dbcrouting.connection;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What runs on one connection though nobody wants it any more. Safe for concurrent use. */
final class Drains {

    private static final AtomicIntegerFieldUpdater<Drains> COUNT =
            AtomicIntegerFieldUpdater.newUpdater(Drains.class, "count");
    private static final AtomicReferenceFieldUpdater<Drains, @Nullable End> AWAITED =
            AtomicReferenceFieldUpdater.newUpdater(Drains.class, End.class, "awaited");

    private volatile int count;
    private volatile @Nullable End awaited;

    /** One more exchange, or the request to cancel one at the server, is of no interest to anybody: nothing new is sent behind it. */
    void begin() {
        COUNT.incrementAndGet(this);
    }

    void end() {
        if (COUNT.decrementAndGet(this) == 0) {
            End end = AWAITED.getAndSet(this, null);
            if (end != null) {
                end.sink.tryEmitEmpty();
            }
        }
    }

    int count() {
        return count;
    }

    /**
     * Completes when all have ended. Until then reads among them may be cancelled at the server though the connection is
     * pinned: so the owner of the pin, for whom this is, sends nothing before.
     */
    Mono<Void> whenOver() {
        End mine = new End();
        if (!AWAITED.compareAndSet(this, null, mine)) {
            End present = awaited;
            return present == null ? Mono.empty() : present.sink.asMono();
        }
        if (count == 0) {
            AWAITED.compareAndSet(this, mine, null);
            return Mono.empty();
        }
        return mine.sink.asMono();
    }

    /** Returns whether the owner of the pin waits for nothing but their end. */
    boolean areAwaited() {
        return awaited != null;
    }

    private static final class End {

        private final Sinks.Empty<Void> sink = Sinks.empty();
    }
}
