package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import java.time.Duration;

/** Checks of durations. */
final class Durations {

    private Durations() {}

    static void requirePositive(String option, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new InvalidRoutingOptionException(
                    option, "must be longer than zero, got " + value, "give a duration such as PT5S");
        }
    }
}
