package io.github.r2dbcrouting.connection;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Operators;

/**
 * The demand of a subscriber whose source may be replaced as long as it has delivered nothing: a new source is asked for
 * all that was requested so far. Requests and replacements may come from different threads.
 */
final class Demand {

    private static final AtomicIntegerFieldUpdater<Demand> WORK =
            AtomicIntegerFieldUpdater.newUpdater(Demand.class, "work");
    private static final AtomicLongFieldUpdater<Demand> FRESH =
            AtomicLongFieldUpdater.newUpdater(Demand.class, "fresh");

    @SuppressWarnings("UnusedVariable") // Only its updater uses it.
    private volatile int work;

    @SuppressWarnings("UnusedVariable") // Only its updater uses it.
    private volatile long fresh;

    private volatile @Nullable Subscription source;
    // Written by whoever drains, and only then.
    private @Nullable Subscription asked;
    private long total;

    void request(long n) {
        if (Operators.validate(n)) {
            FRESH.accumulateAndGet(this, n, Operators::addCap);
            drain();
        }
    }

    /** Makes a subscription the source; what was requested before is requested of it. */
    void source(Subscription subscription) {
        source = subscription;
        drain();
    }

    private void drain() {
        if (WORK.getAndIncrement(this) != 0) {
            return;
        }
        do {
            Subscription present = source;
            if (present == null) {
                continue;
            }
            long added = FRESH.getAndSet(this, 0);
            total = Operators.addCap(total, added);
            long ask = present == asked ? added : total;
            asked = present;
            if (ask > 0) {
                present.request(ask);
            }
        } while (WORK.decrementAndGet(this) != 0);
    }
}
