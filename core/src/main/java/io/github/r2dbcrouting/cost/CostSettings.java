package io.github.r2dbcrouting.cost;

import java.time.Duration;

/**
 * Whether reads are told apart by what they cost, and how.
 *
 * @param enabled whether they are
 * @param heavyAfter how long a read takes on average to be a heavy one; positive. It is light again below half of that
 */
public record CostSettings(boolean enabled, Duration heavyAfter) {

    public CostSettings {
        if (heavyAfter.isNegative() || heavyAfter.isZero()) {
            throw new IllegalArgumentException(
                    "the time after which a read is heavy must be positive, got " + heavyAfter);
        }
    }

    /** Returns that they are not; if they were, those from 100 ms on would be heavy. */
    public static CostSettings defaults() {
        return new CostSettings(false, Duration.ofMillis(100));
    }
}
