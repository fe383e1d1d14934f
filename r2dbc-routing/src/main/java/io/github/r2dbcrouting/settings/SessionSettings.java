package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How sessions are kept between their requests.
 *
 * @param grace how long a session reads on the primary of which it is not known what it wrote; positive, and no shorter than
 *     {@code maxLag}, so that afterwards every replica that serves reads has it
 * @param most how many sessions are kept in the process; at least 1
 * @param timeout after which a session that nobody used is forgotten; no shorter than {@code grace}
 * @param tokens how they travel to other processes, or {@code null} if they do not
 */
public record SessionSettings(
        Duration grace,
        int most,
        Duration timeout,
        @Nullable TokenSettings tokens) {

    public SessionSettings {
        Durations.require("sessionGrace", grace);
        Durations.require("sessionTimeout", timeout);
        if (most < 1) {
            throw new InvalidRoutingOptionException(
                    "maxSessions", "is " + most, "at least 1", "raise it to the number of users of some minutes");
        }
        if (timeout.compareTo(grace) < 0) {
            throw new InvalidRoutingOptionException(
                    "sessionTimeout",
                    "is " + timeout,
                    "sessionGrace, which is " + grace + ", or more: a younger session must not be forgotten",
                    "raise it");
        }
    }

    /**
     * Returns 100,000 sessions for half an hour, and no tokens.
     *
     * @param staleness how old at most is what a replica shows that serves reads
     */
    public static SessionSettings defaults(Duration staleness) {
        Duration timeout = Duration.ofMinutes(30);
        return new SessionSettings(staleness, 100_000, timeout.compareTo(staleness) < 0 ? staleness : timeout, null);
    }
}
