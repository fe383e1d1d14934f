package io.github.r2dbcrouting.position;

import io.github.r2dbcrouting.position.MariaDbGtidPosition.Gtid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
            if (united != null && (positions.size() == 1 || !(united instanceof MariaDbGtidPosition))) {
                return united.equals(positions.get(i)) ? this : replaced(i, united);
            }
        }
        List<ReplicationPosition> all = new ArrayList<>(positions);
        all.add(added);
        List<ReplicationPosition> apart = apart(all);
        return apart.size() > MOST ? LOST : new PositionBound(apart, false);
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

    /**
     * Returns the positions of MariaDB among some in the one way in which they can be written: of each domain the last transaction of
     * each server, those of the lowest ids in the first position, those of the next ids in the second one. So it does not matter
     * in which order they came.
     */
    private static List<ReplicationPosition> apart(List<ReplicationPosition> all) {
        Map<Long, TreeMap<Long, Gtid>> domains = new HashMap<>();
        List<ReplicationPosition> apart = new ArrayList<>();
        for (ReplicationPosition position : all) {
            if (position instanceof MariaDbGtidPosition gtids) {
                gtids.domains()
                        .forEach((domain, gtid) -> domains.computeIfAbsent(domain, none -> new TreeMap<>())
                                .merge(gtid.serverId(), gtid, Gtid::later));
            } else {
                apart.add(position);
            }
        }
        while (!domains.isEmpty()) {
            Map<Long, Gtid> next = new HashMap<>();
            domains.forEach((domain, servers) ->
                    next.put(domain, servers.pollFirstEntry().getValue()));
            domains.values().removeIf(TreeMap::isEmpty);
            apart.add(new MariaDbGtidPosition(next));
        }
        return apart;
    }

    /** Returns whether a node that has reached a position has all of this. */
    public Coverage coveredBy(ReplicationPosition reached, BranchHistory history) {
        Coverage coverage = lost ? Coverage.UNKNOWN : Coverage.YES;
        for (int i = 0; i < positions.size() && coverage == Coverage.YES; i++) {
            coverage = history.covers(reached, positions.get(i));
        }
        return coverage;
    }

    /**
     * Returns the bound that stands for this one on the branch of a primary: what the primary does not have, or is not known to have,
     * gives way to what it shows now, which includes whatever of it has survived; what another part includes is left out.
     *
     * @param present what the primary shows now
     */
    public PositionBound following(Lineage lineage, ReplicationPosition present) {
        PositionBound followed = lost ? LOST : NONE;
        for (ReplicationPosition position : positions) {
            followed = followed.merge(of(isMissed(lineage.fate(position)) ? present : position));
        }
        return followed.positions.size() > 1 ? followed.reduced(lineage) : followed.equals(this) ? this : followed;
    }

    private PositionBound reduced(Lineage lineage) {
        for (int i = 0; i < MOST; i++) {
            ReplicationPosition further = positions.get(1 - i);
            if (lineage.fate(further) == Fate.KEPT && lineage.covers(further, positions.get(i)) == Coverage.YES) {
                return of(further);
            }
        }
        return this;
    }

    /** Returns the part of it that the primary does not have, or is not known to have. */
    public PositionBound missedBy(Lineage lineage) {
        PositionBound missed = NONE;
        for (ReplicationPosition position : positions) {
            missed = isMissed(lineage.fate(position)) ? missed.merge(of(position)) : missed;
        }
        return missed;
    }

    /** Returns what became of the part that fared worst. */
    public Fate fate(Lineage lineage) {
        Fate worst = lost ? Fate.PENDING : Fate.KEPT;
        for (ReplicationPosition position : positions) {
            Fate fate = lineage.fate(position);
            if (fate == Fate.LOST) {
                return fate;
            }
            worst = fate == Fate.KEPT || worst == Fate.UNKNOWN ? worst : fate;
        }
        return worst;
    }

    private static boolean isMissed(Fate fate) {
        return fate == Fate.LOST || fate == Fate.UNKNOWN;
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
