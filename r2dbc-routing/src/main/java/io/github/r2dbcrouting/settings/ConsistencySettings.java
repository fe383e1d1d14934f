package io.github.r2dbcrouting.settings;

import java.time.Duration;

/**
 * What reads observe of what was written before.
 *
 * @param scope whose writes count for a read without a session in its context
 * @param catchUpTimeout how long a read waits for a replica that shows what its session has seen, before it goes to the primary;
 *     positive
 */
public record ConsistencySettings(SessionScope scope, Duration catchUpTimeout) {

    /** Whose writes count for a read without a session in its context. */
    public enum SessionScope {
        /** Those of the whole factory: the process reads what it wrote. */
        FACTORY,
        /** Those of the same virtual connection. */
        CONNECTION,
        /** Nobody's. */
        NONE
    }

    public ConsistencySettings {
        Durations.require("catchUpTimeout", catchUpTimeout);
    }

    /** Returns sessions in contexts only, and 50 ms of patience with replicas. */
    public static ConsistencySettings defaults() {
        return new ConsistencySettings(SessionScope.NONE, Duration.ofMillis(50));
    }
}
