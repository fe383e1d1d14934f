package io.github.r2dbcrouting.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A point in time until which a condition is polled; the only place of this module that reads the clock. */
final class Deadline {

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final long end;

    private Deadline(long end) {
        this.end = end;
    }

    static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    boolean passed() {
        return System.nanoTime() - end >= 0;
    }

    /**
     * Polls a condition until it holds or the deadline has passed, whichever is first.
     *
     * @return whether the condition held
     */
    boolean await(BooleanSupplier condition) {
        while (true) {
            if (condition.getAsBoolean()) {
                return true;
            }
            if (passed()) {
                return false;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new LocalClusterException("Interrupted while waiting for the local cluster");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
