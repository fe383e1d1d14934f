package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.position.PositionBound;
import java.time.Instant;

/**
 * What a session has seen and written, as it travels to another process. Signed and opaque there; see {@link TokenCodec}.
 *
 * @param cluster tells clusters apart: equal for all nodes of one, 0 where the database has no such thing
 * @param bound what a node must have covered to serve the session
 * @param unresolved whether the session wrote more than {@code bound} says, since the position of its last write was not
 *     known yet
 * @param issuedAt when the token was made, to the second
 */
public record SessionToken(long cluster, PositionBound bound, boolean unresolved, Instant issuedAt) {

    public SessionToken {
        issuedAt = Instant.ofEpochSecond(issuedAt.getEpochSecond());
        unresolved |= bound.isLost();
    }

    /**
     * Returns the token of a session that has seen what both have: commutative, associative, idempotent, and never asking for
     * less than either. It is as young as the younger one.
     *
     * @throws IllegalArgumentException if the tokens are of two clusters, whose positions do not compare
     */
    public SessionToken merge(SessionToken other) {
        if (cluster != other.cluster) {
            throw new IllegalArgumentException("the tokens are of two clusters, " + Long.toHexString(cluster) + " and "
                    + Long.toHexString(other.cluster) + "; keep one for each");
        }
        return new SessionToken(
                cluster,
                bound.merge(other.bound),
                unresolved || other.unresolved,
                issuedAt.isAfter(other.issuedAt) ? issuedAt : other.issuedAt);
    }
}
