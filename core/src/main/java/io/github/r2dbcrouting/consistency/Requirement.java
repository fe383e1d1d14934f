package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What a session asks of the node of its next read.
 *
 * @param kind how much is known of it
 * @param bound what the node must have covered, as far as it is known
 * @param lastRead the node of the session's last read, which satisfies what the session has read even where {@code bound} is not
 *     known to be covered; {@code null} where there is none or it does not matter
 * @param possiblyLost whether the session wrote something on a primary that has been replaced, of which is not known whether it
 *     survived; said once
 */
public record Requirement(
        Kind kind, PositionBound bound, @Nullable NodeId lastRead, boolean possiblyLost) {

    /** How much is known of what a session asks. */
    public enum Kind {
        /** Any node will do. */
        NONE,
        /** A node that has covered the bound. */
        COVERED,
        /** More than the bound: a position that is not known yet, but will be with the next sample of the primary. */
        FENCED,
        /** More than the bound: a write is under way of which somebody knows, and what follows is not known before it has ended. */
        WRITING,
        /** The primary: what the session wrote is not known, and will not be. */
        PRIMARY
    }

    /** Nothing is asked. */
    public static final Requirement NONE = new Requirement(Kind.NONE, PositionBound.NONE, null, false);

    /** The primary is asked for. */
    public static final Requirement PRIMARY = new Requirement(Kind.PRIMARY, PositionBound.NONE, null, false);

    Requirement withPossibleLoss() {
        return new Requirement(kind, bound, lastRead, true);
    }
}
