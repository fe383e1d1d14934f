package io.github.r2dbcrouting.session;

import java.util.concurrent.atomic.LongAdder;

/** Counts reads that had to wait. */
final class CatchUpTally {

    private final LongAdder waiting = new LongAdder();
    private final LongAdder inVain = new LongAdder();
    private final LongAdder unpromising = new LongAdder();
    private final LongAdder weakened = new LongAdder();
    private final LongAdder stale = new LongAdder();

    void waiting() {
        waiting.increment();
    }

    void waitedInVain() {
        inVain.increment();
    }

    void unpromising() {
        unpromising.increment();
    }

    void weakened() {
        weakened.increment();
    }

    void stale() {
        stale.increment();
    }

    CatchUpCounts counts() {
        return new CatchUpCounts(waiting.sum(), inVain.sum(), unpromising.sum(), weakened.sum(), stale.sum());
    }
}
