package io.github.r2dbcrouting.position;

import org.jspecify.annotations.Nullable;

/**
 * How far a node has come in its history of changes.
 *
 * <p>Positions are partially ordered: two of them may be incomparable, because they stand on different branches or
 * belong to different kinds of database. Whether one includes another is asked of a {@link BranchHistory}.
 */
public sealed interface ReplicationPosition permits LogPosition, MariaDbGtidPosition {

    /**
     * Returns the least position that includes both this one and the other, as far as such a one is known.
     *
     * @return the upper bound, or {@code null} if there is none that is known: the two stand on branches that are not
     *     the same, or belong to different kinds of database. Then both must be kept
     */
    @Nullable
    ReplicationPosition merge(ReplicationPosition other);
}
