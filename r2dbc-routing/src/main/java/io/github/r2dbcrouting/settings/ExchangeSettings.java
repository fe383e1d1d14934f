package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import java.time.Duration;

/**
 * How exchanges with the servers are bounded.
 *
 * @param exchangeTimeout bounds each exchange of the library's own: connect, set-up, begin, rollback, reset, close;
 *     positive. A user's statement and a commit are not bounded by it
 * @param drainTime how long a cancelled exchange may take to come to its end before its read is cancelled at the server,
 *     or its connection discarded; positive
 * @param drainRows how many rows of a cancelled exchange are thrown away before the same happens; at least 1
 * @param suspectAfter after how long without a sign of life, of a statement or of its node, the node is probed ahead of
 *     time; positive
 */
public record ExchangeSettings(Duration exchangeTimeout, Duration drainTime, int drainRows, Duration suspectAfter) {

    public ExchangeSettings {
        Durations.require("exchangeTimeout", exchangeTimeout);
        Durations.require("drainTime", drainTime);
        Durations.require("suspectAfter", suspectAfter);
        if (drainRows < 1) {
            throw new InvalidRoutingOptionException(
                    "drainRows", "is " + drainRows, "at least 1", "leave it at its default");
        }
    }

    /** Returns 5 s for an exchange, 10 ms or 64 rows for a drain, and suspicion after 1 s. */
    public static ExchangeSettings defaults() {
        return new ExchangeSettings(Duration.ofSeconds(5), Duration.ofMillis(10), 64, Duration.ofSeconds(1));
    }
}
