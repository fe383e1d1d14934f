package io.github.r2dbcrouting.connection;

import java.util.concurrent.atomic.LongAdder;

/** Counts how the exchanges of a factory ended that nobody wanted any more. Safe for concurrent use. */
public final class AbandonmentTally {

    private final LongAdder drained = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder discarded = new LongAdder();

    void drained() {
        drained.increment();
    }

    void cancelled() {
        cancelled.increment();
    }

    void discarded() {
        discarded.increment();
    }

    /** Returns what was counted so far. */
    public AbandonedExchanges counts() {
        return new AbandonedExchanges(drained.sum(), cancelled.sum(), discarded.sum());
    }
}
