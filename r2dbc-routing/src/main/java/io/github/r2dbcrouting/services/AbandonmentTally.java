package io.github.r2dbcrouting.services;

import java.util.concurrent.atomic.LongAdder;

/** Counts how the exchanges of a factory ended that nobody wanted any more. Safe for concurrent use. */
public final class AbandonmentTally {

    private final LongAdder drained = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder discarded = new LongAdder();

    /** One has come to its end by itself. */
    public void drained() {
        drained.increment();
    }

    /** One was cancelled at the server. */
    public void cancelled() {
        cancelled.increment();
    }

    /** One has lost its connection. */
    public void discarded() {
        discarded.increment();
    }

    /** Returns what was counted so far. */
    public AbandonedExchanges counts() {
        return new AbandonedExchanges(drained.sum(), cancelled.sum(), discarded.sum());
    }
}
