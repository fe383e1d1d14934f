package io.github.r2dbcrouting.settings;

import java.time.Duration;

/**
 * What reads observe of what was written before.
 *
 * @param scope whose writes count for a read without a session in its context
 * @param catchUpTimeout how long a read waits for a replica that shows what its session has seen, before it goes to the primary;
 *     positive
 * @param strongReads where reads go that must show what the primary shows now
 * @param allowStale whether a read is served by a replica that may not show what its session has seen, while there is no primary
 */
public record ConsistencySettings(
        SessionScope scope, Duration catchUpTimeout, StrongReads strongReads, boolean allowStale) {

    /** Whose writes count for a read without a session in its context. */
    public enum SessionScope {
        /** Those of the whole factory: the process reads what it wrote. */
        FACTORY,
        /** Those of the same virtual connection. */
        CONNECTION,
        /** Nobody's. */
        NONE
    }

    /** Where reads go that must show what the primary shows now. One way for all of a factory: what is seen on both does not compare. */
    public enum StrongReads {
        /** To the primary. */
        PRIMARY,
        /** To a replica that has reached the position which the primary had after the read began, and which is asked for each time. */
        REPLICA
    }

    public ConsistencySettings {
        Durations.require("catchUpTimeout", catchUpTimeout);
    }

    /** Returns one session for the factory, 50 ms of patience with replicas, strong reads on the primary, and none that are stale. */
    public static ConsistencySettings defaults() {
        return new ConsistencySettings(SessionScope.FACTORY, Duration.ofMillis(50), StrongReads.PRIMARY, false);
    }

    /** Returns the same settings for another scope. */
    public ConsistencySettings withScope(SessionScope other) {
        return new ConsistencySettings(other, catchUpTimeout, strongReads, allowStale);
    }
}
