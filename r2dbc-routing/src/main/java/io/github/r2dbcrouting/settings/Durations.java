package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import java.time.Duration;

/** Checks of durations. */
public final class Durations {

    /** Long enough for "never", and still so short that its nanoseconds can be added to a clock's. */
    public static final Duration LONGEST = Duration.ofDays(36_500);

    private Durations() {}

    /** Returns a duration that is longer than zero and no longer than a hundred years, and fails for any other. */
    public static Duration require(String option, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new InvalidRoutingOptionException(
                    option, "is " + value, "longer than zero", "give a duration such as PT5S");
        }
        if (value.compareTo(LONGEST) > 0) {
            throw new InvalidRoutingOptionException(
                    option, "is " + value, "at most " + LONGEST + ", a hundred years", "give a duration such as PT5S");
        }
        return value;
    }

    /**
     * Returns how long somebody wants to wait: not at all, or for a hundred years at most.
     *
     * @throws IllegalArgumentException for any other
     */
    public static Duration requireTimeout(String what, Duration value) {
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    what + " cannot be " + value + ": give a duration from zero to " + LONGEST + ", a hundred years");
        }
        return value;
    }
}
