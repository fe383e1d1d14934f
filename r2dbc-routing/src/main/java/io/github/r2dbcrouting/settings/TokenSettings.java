package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.consistency.TokenKeys;
import java.time.Duration;

/**
 * How sessions travel between processes.
 *
 * @param keys what tokens are signed with, the same in all processes
 * @param lifetime after which a token is refused; positive
 * @param grace how long a session reads on the primary whose token was refused, or did not tell all; positive, longer than replicas
 *     are behind as a rule
 * @param exportTimeout how long writing a token may wait for the position of the session's last write; positive
 */
public record TokenSettings(TokenKeys keys, Duration lifetime, Duration grace, Duration exportTimeout) {

    public TokenSettings {
        Durations.require("tokenLifetime", lifetime);
        Durations.require("tokenGrace", grace);
        Durations.require("tokenExportTimeout", exportTimeout);
    }

    /** Returns tokens that live for an hour, 5 s of grace, and 100 ms for writing one. */
    public static TokenSettings of(TokenKeys keys) {
        return new TokenSettings(keys, Duration.ofHours(1), Duration.ofSeconds(5), Duration.ofMillis(100));
    }
}
