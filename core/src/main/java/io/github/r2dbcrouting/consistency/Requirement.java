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
 * @param loss what the session has seen and the present primary does not have, or is not known to have; said once, else
 *     {@code null}
 */
public record Requirement(
        Kind kind,
        PositionBound bound,
        @Nullable NodeId lastRead,
        @Nullable Loss loss) {

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
    public static final Requirement NONE = new Requirement(Kind.NONE, PositionBound.NONE, null, null);

    /** The primary is asked for. */
    public static final Requirement PRIMARY = new Requirement(Kind.PRIMARY, PositionBound.NONE, null, null);

    Requirement with(@Nullable Loss noticed) {
        return noticed == null ? this : new Requirement(kind, bound, lastRead, noticed);
    }
}
