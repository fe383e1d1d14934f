package io.github.r2dbcrouting.position;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node must have covered: a set of positions of which none includes another, since they stand on different branches.
 * Bounds form a semilattice under {@link #merge}. More than {@value #MOST} branches are not told apart any more: such a bound
 * {@linkplain #isLost() is lost}, and no replica satisfies it.
 */
public final class PositionBound {

    /** The most positions that a bound holds. */
    public static final int MOST = 2;

    /** The bound that every node satisfies. */
    public static final PositionBound NONE = new PositionBound(List.of(), false);

    /** The bound that no replica satisfies. */
    public static final PositionBound LOST = new PositionBound(List.of(), true);

    private final List<ReplicationPosition> positions;
    private final boolean lost;

    private PositionBound(List<ReplicationPosition> positions, boolean lost) {
        this.positions = positions;
        this.lost = lost;
    }

    /** Returns the bound that one position is. */
    public static PositionBound of(ReplicationPosition position) {
        return new PositionBound(List.of(position), false);
    }

    /** Returns the positions, each of which must be covered. */
    public List<ReplicationPosition> positions() {
        return positions;
    }

    /** Returns whether there were more branches than are kept. */
    public boolean isLost() {
        return lost;
    }

    /** Returns whether every node satisfies it. */
    public boolean isNone() {
        return positions.isEmpty() && !lost;
    }

    /**
     * Returns the least bound that includes both. Commutative, associative, idempotent and monotone: positions are united only
     * where all that is known of their branches is equal, since a branch of which less is known may be either of two.
     */
    public PositionBound merge(PositionBound other) {
        if (isNone() || other.isNone()) {
            return isNone() ? other : this;
        }
        PositionBound merged = other.lost ? LOST : this;
        for (ReplicationPosition position : other.positions) {
            merged = merged.plus(position);
        }
        return merged;
    }

    private PositionBound plus(ReplicationPosition added) {
        if (lost) {
            return LOST;
        }
        for (int i = 0; i < positions.size(); i++) {
            ReplicationPosition united = united(positions.get(i), added);
            if (united != null) {
                return united.equals(positions.get(i)) ? this : replaced(i, united);
            }
        }
        if (positions.size() == MOST) {
            return LOST;
        }
        return new PositionBound(positions.isEmpty() ? List.of(added) : List.of(positions.get(0), added), false);
    }

    private PositionBound replaced(int index, ReplicationPosition position) {
        if (positions.size() == 1) {
            return of(position);
        }
        return new PositionBound(
                index == 0 ? List.of(position, positions.get(1)) : List.of(positions.get(0), position), false);
    }

    private static @Nullable ReplicationPosition united(ReplicationPosition one, ReplicationPosition other) {
        boolean apart = one instanceof LogPosition p
                && other instanceof LogPosition q
                && !p.branch().equals(q.branch());
        return apart ? null : one.merge(other);
    }

    /** Returns whether a node that has reached a position has all of this. */
    public Coverage coveredBy(ReplicationPosition reached, BranchHistory history) {
        Coverage coverage = lost ? Coverage.UNKNOWN : Coverage.YES;
        for (int i = 0; i < positions.size() && coverage == Coverage.YES; i++) {
            coverage = history.covers(reached, positions.get(i));
        }
        return coverage;
    }

    /** Two bounds are equal if they hold the same positions, in whatever order. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PositionBound that
                && lost == that.lost
                && positions.size() == that.positions.size()
                && positions.containsAll(that.positions);
    }

    @Override
    public int hashCode() {
        int hash = Boolean.hashCode(lost);
        for (ReplicationPosition position : positions) {
            hash += position.hashCode();
        }
        return hash;
    }

    @Override
    public String toString() {
        if (lost) {
            return "more branches than are kept";
        }
        return positions.isEmpty() ? "none" : positions.size() == 1 ? positions.get(0) + "" : positions + "";
    }
}
