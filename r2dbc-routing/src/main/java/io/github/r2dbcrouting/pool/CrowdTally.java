package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.error.AcquireQueueFullException;
import io.github.r2dbcrouting.error.AcquireTimeoutException;
import java.util.concurrent.atomic.LongAdder;

/** Counts statements for which no connection was free. */
public final class CrowdTally {

    private final LongAdder spilled = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder timedOut = new LongAdder();

    /** A read goes to another node than was chosen for it, which has room. */
    public void spilled() {
        spilled.increment();
    }

    /** No connection could be had, for this or another reason. */
    public void failed(Throwable error) {
        if (error instanceof AcquireQueueFullException) {
            refused.increment();
        } else if (error instanceof AcquireTimeoutException) {
            timedOut.increment();
        }
    }

    /** Returns what was counted. */
    public CrowdCounts counts() {
        return new CrowdCounts(spilled.sum(), refused.sum(), timedOut.sum());
    }
}
