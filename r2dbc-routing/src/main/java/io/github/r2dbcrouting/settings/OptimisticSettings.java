package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import java.time.Duration;

/**
 * Optimistic transactions: begun on a replica, and moved to the primary by their first write.
 *
 * @param enabled whether transactions are optimistic unless they say otherwise
 * @param maxBytes how much a transaction may have read and recorded, in bytes of texts, parameters and results, before its
 *     next statement moves it to the primary whatever that is; at least 1
 * @param maxTime how long it may stay on a replica before the same happens, and how long the move may wait for reads that
 *     still run, and for their repetition; positive
 */
public record OptimisticSettings(boolean enabled, int maxBytes, Duration maxTime) {

    public OptimisticSettings {
        Durations.require("optimisticMaxTime", maxTime);
        if (maxBytes < 1) {
            throw new InvalidRoutingOptionException(
                    "optimisticMaxBytes", "is " + maxBytes, "at least 1", "leave it at its default");
        }
    }

    /** Returns none unless asked for, and 1 MiB and 30 s for those. */
    public static OptimisticSettings defaults() {
        return new OptimisticSettings(false, 1 << 20, Duration.ofSeconds(30));
    }
}
