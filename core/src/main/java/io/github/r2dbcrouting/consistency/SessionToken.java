package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.position.PositionBound;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a session has seen and written, as it travels to another process. Signed and opaque there; see {@link TokenCodec}.
 *
 * @param cluster tells clusters apart: equal for all nodes of one
 * @param bound what a node must have covered to serve the session
 * @param unresolvedAt when the session had last written something that {@code bound} does not tell, or {@code null} if it tells all;
 *     to the second, and not after {@code issuedAt}
 * @param issuedAt when the token was made, to the second
 * @param lot the {@linkplain ConsistencySession#lot number} that the session has drawn, 0 to 99, or {@link #NO_LOT}
 */
public record SessionToken(
        long cluster, PositionBound bound, @Nullable Instant unresolvedAt, Instant issuedAt, int lot) {

    /** The lot of a session that has drawn none. */
    public static final int NO_LOT = -1;

    private static final int LOTS = 100;

    /** How far apart two clocks may be, and what rounding takes away. */
    private static final Duration CLOCK_DRIFT = Duration.ofSeconds(1);

    public SessionToken {
        if (lot < NO_LOT || lot >= LOTS) {
            throw new IllegalArgumentException("a lot must be from 0 to " + (LOTS - 1) + ", got " + lot);
        }
        issuedAt = Instant.ofEpochSecond(issuedAt.getEpochSecond());
        if (unresolvedAt != null) {
            Instant toTheSecond = Instant.ofEpochSecond(unresolvedAt.getEpochSecond());
            unresolvedAt = toTheSecond.isAfter(issuedAt) ? issuedAt : toTheSecond;
        }
    }

    /** Creates a token of a session that has drawn no lot. */
    public SessionToken(long cluster, PositionBound bound, @Nullable Instant unresolvedAt, Instant issuedAt) {
        this(cluster, bound, unresolvedAt, issuedAt, NO_LOT);
    }

    /**
     * Creates a token of the present state of a session that has drawn no lot.
     *
     * @param unresolved whether the session wrote or read more than {@code bound} says when the token was made
     */
    public SessionToken(long cluster, PositionBound bound, boolean unresolved, Instant issuedAt) {
        this(cluster, bound, unresolved ? issuedAt : null, issuedAt);
    }

    /** Returns whether the session wrote or read more than its bound says. */
    public boolean unresolved() {
        return unresolvedAt != null || bound.isLost();
    }

    /**
     * Returns how long whoever gets the token must not read on replicas, since it does not tell all. For one that was marked when it was
     * made that is the whole grace, whatever the clocks say; what is handed on from process to process ends with the grace that the
     * first one began.
     *
     * @param grace after which every replica that serves reads has what the session wrote
     * @param now the time of day here; what it is behind that of the token's maker lengthens the grace
     */
    public Duration doubt(Duration grace, Instant now) {
        Instant since = bound.isLost() ? issuedAt : unresolvedAt;
        if (since == null) {
            return Duration.ZERO;
        }
        if (since.equals(issuedAt)) {
            return grace;
        }
        Duration left = Duration.between(now, since.plus(grace).plus(CLOCK_DRIFT));
        return left.isNegative() ? Duration.ZERO : left.compareTo(grace) < 0 ? left : grace;
    }

    /**
     * Returns the token of a session that has seen what both have: commutative, associative, idempotent, and never asking for
     * less than either. It is as young as the younger one, and has the lower lot.
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
                unresolvedAt == null || other.unresolvedAt == null
                        ? unresolvedAt == null ? other.unresolvedAt : unresolvedAt
                        : later(unresolvedAt, other.unresolvedAt),
                later(issuedAt, other.issuedAt),
                lot == NO_LOT || other.lot == NO_LOT ? Math.max(lot, other.lot) : Math.min(lot, other.lot));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
