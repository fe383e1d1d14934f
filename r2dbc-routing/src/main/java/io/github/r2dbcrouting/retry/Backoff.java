package io.github.r2dbcrouting.retry;

import io.github.r2dbcrouting.settings.RetrySettings;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Exponential backoff with full jitter: {@code random(0, min(cap, base * 2^n))}, after Marc Brooker, "Exponential Backoff And
 * Jitter", AWS Architecture Blog, 2015. The randomness spreads out those who failed at the same moment.
 */
final class Backoff {

    /** Beyond this the doubling has long ended. */
    private static final int MOST_DOUBLINGS = 62;

    private final double base;
    private final double cap;
    private final DoubleSupplier random;

    /**
     * Creates a backoff.
     *
     * @param random from 0 to less than 1
     */
    Backoff(RetrySettings settings, DoubleSupplier random) {
        this.base = settings.firstBackoff().toNanos();
        this.cap = settings.longestBackoff().toNanos();
        this.random = random;
    }

    /** Returns a pause before a retry, which was preceded by this many pauses. */
    Duration pause(int before) {
        double longest = Math.min(cap, base * Math.pow(2, Math.min(before, MOST_DOUBLINGS)));
        return Duration.ofNanos((long) (random.getAsDouble() * longest));
    }
}
