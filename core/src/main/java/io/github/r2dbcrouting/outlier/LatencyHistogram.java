package io.github.r2dbcrouting.outlier;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Counts latencies in buckets of which each ends an eighth to a sixteenth above where it begins. Any thread counts, without a lock; one drains it.
 */
final class LatencyHistogram {

    private static final int STEPS = 8;
    private static final int STEP_BITS = 3;
    private static final int BUCKETS = STEPS * (Long.SIZE - STEP_BITS + 1);

    private final AtomicIntegerArray counts = new AtomicIntegerArray(BUCKETS);

    /** Counts a latency in nanoseconds; one below 0 counts as 0. */
    void count(long nanos) {
        counts.incrementAndGet(bucket(Math.max(0, nanos)));
    }

    /** Moves what was counted since the last time to other counts. Returns how many there were. */
    int drainTo(int[] totals) {
        int moved = 0;
        for (int i = 0; i < BUCKETS; i++) {
            int count = counts.get(i) == 0 ? 0 : counts.getAndSet(i, 0);
            totals[i] += count;
            moved += count;
        }
        return moved;
    }

    /** Returns as many counts as there are buckets, all of them 0. */
    static int[] totals() {
        return new int[BUCKETS];
    }

    /** Returns the median of what was counted, as the lower end of its bucket; 0 for nothing. */
    static long median(int[] totals, int count) {
        int seen = 0;
        for (int i = 0; i < totals.length; i++) {
            seen += totals[i];
            if (seen * 2L > count) {
                return lowest(i);
            }
        }
        return 0;
    }

    private static int bucket(long nanos) {
        if (nanos < STEPS) {
            return (int) nanos;
        }
        int magnitude = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
        int step = (int) (nanos >>> (magnitude - STEP_BITS)) & (STEPS - 1);
        return (magnitude - STEP_BITS + 1) * STEPS + step;
    }

    private static long lowest(int bucket) {
        if (bucket < STEPS) {
            return bucket;
        }
        int shift = bucket / STEPS - 1;
        return (long) (STEPS + bucket % STEPS) << shift;
    }
}
