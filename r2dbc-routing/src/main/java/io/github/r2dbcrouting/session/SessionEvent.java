package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.consistency.Loss;

/**
 * Something that happened to a session, and of which its user is told nowhere else.
 *
 * @param kind what happened
 * @param loss what it was, and by what that is known
 */
public record SessionEvent(Kind kind, Loss loss) {

    /** What happened. */
    public enum Kind {
        /** A write that the session has seen did not survive a failover. */
        WRITE_LOST,
        /** Whether something that the session has seen survived a failover is not known, and will not be. */
        OUTCOME_UNKNOWN
    }

    static SessionEvent of(Loss loss) {
        return new SessionEvent(loss.certain() ? Kind.WRITE_LOST : Kind.OUTCOME_UNKNOWN, loss);
    }
}
