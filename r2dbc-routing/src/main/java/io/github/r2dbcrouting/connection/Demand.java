package io.github.r2dbcrouting.connection;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Operators;

/**
 * The demand of a subscriber whose source may be replaced as long as it has delivered nothing: a new source is asked for
 * all that was requested so far. Requests and replacements may come from different threads.
 */
final class Demand {

    private final AtomicInteger work = new AtomicInteger();
    private final AtomicLong fresh = new AtomicLong();
    private volatile @Nullable Subscription source;
    // Written by whoever drains, and only then.
    private @Nullable Subscription asked;
    private long total;

    void request(long n) {
        if (Operators.validate(n)) {
            fresh.accumulateAndGet(n, Operators::addCap);
            drain();
        }
    }

    /** Makes a subscription the source; what was requested before is requested of it. */
    void source(Subscription subscription) {
        source = subscription;
        drain();
    }

    private void drain() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        do {
            Subscription present = source;
            if (present == null) {
                continue;
            }
            long added = fresh.getAndSet(0);
            total = Operators.addCap(total, added);
            long ask = present == asked ? added : total;
            asked = present;
            if (ask > 0) {
                present.request(ask);
            }
        } while (work.decrementAndGet() != 0);
    }
}
