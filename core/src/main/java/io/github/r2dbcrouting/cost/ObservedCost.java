package io.github.r2dbcrouting.cost;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * What one statement has cost so far: a moving average of how long it took, in which each time counts an eighth, as TCP smooths its
 * round trips (RFC 6298). Safe for concurrent use, without a lock.
 */
public final class ObservedCost {

    private static final AtomicLongFieldUpdater<ObservedCost> NANOS =
            AtomicLongFieldUpdater.newUpdater(ObservedCost.class, "nanos");

    private static final long UNKNOWN = -1;
    private static final int SMOOTHING = 8;

    private final long heavyAfter;

    @SuppressWarnings("UnusedVariable") // Only its updater uses it.
    private volatile long nanos = UNKNOWN;

    private volatile boolean heavy;

    ObservedCost(long heavyAfter) {
        this.heavyAfter = heavyAfter;
    }

    /** Takes note of one execution. */
    public void took(long time) {
        long average = NANOS.updateAndGet(
                this, known -> known == UNKNOWN ? Math.max(0, time) : known + (time - known) / SMOOTHING);
        boolean before = heavy;
        boolean after = average >= (before ? heavyAfter / 2 : heavyAfter);
        if (before != after) {
            heavy = after;
        }
    }

    /** Returns whether it is a heavy one. What was never executed is not. */
    public boolean isHeavy() {
        return heavy;
    }
}
