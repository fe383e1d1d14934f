package io.github.r2dbcrouting.position;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One line of history of a PostgreSQL cluster: a timeline, and where and by whom it was begun.
 *
 * <p>The number alone does not identify a branch, since two standbys that are promoted apart both begin timeline n + 1.
 * Where the fork position or the promoted node is known, it is part of the identity; where it is not, equal numbers
 * count as the same branch.
 *
 * @param timeline the timeline's number, at least 1
 * @param forkPosition the log sequence number at which the branch left its parent, or {@code null} where unknown
 * @param promotedNode the name of the node whose promotion began the branch, or {@code null} where unknown
 */
public record Branch(
        long timeline,
        @Nullable Long forkPosition,
        @Nullable String promotedNode) {

    public Branch {
        if (timeline < 1) {
            throw new IllegalArgumentException("timeline must be at least 1, got " + timeline);
        }
    }

    /** Returns a branch of which only the timeline's number is known. */
    public static Branch ofTimeline(long timeline) {
        return new Branch(timeline, null, null);
    }

    /** Returns whether nothing that is known of the two branches tells them apart. */
    public boolean isSameAs(Branch other) {
        return timeline == other.timeline
                && agree(forkPosition, other.forkPosition)
                && agree(promotedNode, other.promotedNode);
    }

    /** Returns what both branches together say, if they are the same as far as is known; else {@code null}. */
    @Nullable
    Branch unite(Branch other) {
        if (!isSameAs(other)) {
            return null;
        }
        return new Branch(
                timeline,
                forkPosition != null ? forkPosition : other.forkPosition,
                promotedNode != null ? promotedNode : other.promotedNode);
    }

    private static boolean agree(@Nullable Object one, @Nullable Object other) {
        return one == null || other == null || Objects.equals(one, other);
    }

    /** Returns the timeline, and in parentheses what else is known: {@code 2(fork 0/3000000, node r1)}. */
    @Override
    public String toString() {
        if (forkPosition == null && promotedNode == null) {
            return Long.toString(timeline);
        }
        String fork = forkPosition == null ? "" : "fork " + LogPosition.formatLsn(forkPosition);
        String node = promotedNode == null ? "" : "node " + promotedNode;
        return timeline + "(" + fork + (fork.isEmpty() || node.isEmpty() ? "" : ", ") + node + ")";
    }
}
