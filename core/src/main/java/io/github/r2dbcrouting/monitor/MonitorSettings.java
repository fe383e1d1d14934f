package io.github.r2dbcrouting.monitor;

import java.time.Duration;

/**
 * How nodes are watched.
 *
 * @param interval time from the end of one probe of a node to the next, shortened at random by up to a tenth; 10 ms or
 *     more
 * @param timeout how long one probe may take, opening its connection included; positive
 * @param startupTimeout how long the first user waits for a usable node; positive
 */
public record MonitorSettings(Duration interval, Duration timeout, Duration startupTimeout) {

    public MonitorSettings {
        if (interval.compareTo(Duration.ofMillis(10)) < 0) {
            throw new IllegalArgumentException("monitor interval must be 10 ms or more, got " + interval);
        }
        requirePositive("monitor timeout", timeout);
        requirePositive("start-up timeout", startupTimeout);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }
}
