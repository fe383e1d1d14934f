package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.consistency.Consistency;
import java.time.Duration;

/**
 * What reads observe of what was written before.
 *
 * @param consistency what a read observes unless it asks for something else
 * @param scope whose writes count for a read without a session in its context
 * @param catchUpTimeout how long a read waits for a replica that shows what its session has seen, before it goes to the primary;
 *     positive
 */
public record SessionSettings(Consistency consistency, SessionScope scope, Duration catchUpTimeout) {

    /** Whose writes count for a read without a session in its context. */
    public enum SessionScope {
        /** Those of the whole factory: the process reads what it wrote. */
        FACTORY,
        /** Those of the same virtual connection. */
        CONNECTION,
        /** Nobody's. */
        NONE
    }

    public SessionSettings {
        Durations.require("catchUpTimeout", catchUpTimeout);
    }

    /** Returns read-your-writes within the factory, and 50 ms of patience with replicas. */
    public static SessionSettings defaults() {
        return new SessionSettings(Consistency.readYourWrites(), SessionScope.FACTORY, Duration.ofMillis(50));
    }
}
