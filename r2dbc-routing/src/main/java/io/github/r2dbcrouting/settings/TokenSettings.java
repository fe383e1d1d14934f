package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.consistency.TokenKeys;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How sessions travel between processes.
 *
 * @param keys what tokens are signed with, the same in all processes
 * @param cluster a name that tells the cluster from others, the same in all processes, or {@code null} for what the database itself
 *     calls it; MariaDB has no name of its own
 * @param lifetime after which a token is refused; positive
 * @param exportTimeout how long writing a token may wait for the position of the session's last write; positive
 */
public record TokenSettings(TokenKeys keys, @Nullable String cluster, Duration lifetime, Duration exportTimeout) {

    public TokenSettings {
        Durations.require("tokenLifetime", lifetime);
        Durations.require("tokenExportTimeout", exportTimeout);
    }

    /** Returns tokens that live for an hour, and 100 ms for writing one. */
    public static TokenSettings of(TokenKeys keys) {
        return new TokenSettings(keys, null, Duration.ofHours(1), Duration.ofMillis(100));
    }
}
