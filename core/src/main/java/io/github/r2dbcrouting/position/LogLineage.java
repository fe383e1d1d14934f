package io.github.r2dbcrouting.position;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The timeline that a PostgreSQL primary writes, and those from which it descends. Where one of them ended is known exactly, or
 * between two bounds.
 *
 * @param timeline the present timeline's number
 * @param begin where it left its parent; of timeline 1, nowhere
 * @param ancestors what belongs to it of older timelines, by their numbers, the oldest first
 * @param complete whether there are no other ancestors
 * @param node the node that began the present timeline, where its number alone does not tell it from another one; else
 *     {@code null}
 * @param abandoned timelines whose primaries were left for this one
 */
public record LogLineage(
        long timeline,
        Span begin,
        List<Ancestor> ancestors,
        boolean complete,
        @Nullable String node,
        Set<Long> abandoned)
        implements Lineage {

    public LogLineage {
        ancestors = List.copyOf(ancestors);
        abandoned = Set.copyOf(abandoned);
    }

    /**
     * Where a log sequence number lies, both bounds included, unsigned.
     *
     * @param atLeast not below
     * @param atMost not above; -1 for unknown
     */
    public record Span(long atLeast, long atMost) {

        static final Span ANYWHERE = new Span(0, -1);

        static Span at(long lsn) {
            return new Span(lsn, lsn);
        }

        /** Returns what both say; of two that contradict each other, the other one, which is the older. */
        Span and(Span other) {
            long low = later(atLeast, other.atLeast);
            long high = later(atMost, other.atMost) == atMost ? other.atMost : atMost;
            return isBefore(high, low) ? other : new Span(low, high);
        }

        boolean isExact() {
            return atLeast == atMost;
        }
    }

    /**
     * A timeline of which a part belongs to another one.
     *
     * @param timeline its number
     * @param end where that part ends
     */
    public record Ancestor(long timeline, Span end) {}

    /** Returns a timeline of which nothing but the number is known; the second one can descend from the first only. */
    public static LogLineage of(long timeline) {
        return switch ((int) Math.min(timeline, 3)) {
            case 1 -> new LogLineage(1, Span.at(0), List.of(), true, null, Set.of());
            case 2 -> new LogLineage(2, Span.ANYWHERE, List.of(new Ancestor(1, Span.ANYWHERE)), true, null, Set.of());
            default -> new LogLineage(timeline, Span.ANYWHERE, List.of(), false, null, Set.of());
        };
    }

    /** Returns a timeline with all its ancestors, as its history file lists them: each with where the next one began. */
    public static LogLineage of(long timeline, List<LogPosition> ends) {
        if (ends.isEmpty()) {
            return of(timeline);
        }
        List<Ancestor> ancestors = ends.stream()
                .map(end -> new Ancestor(end.branch().timeline(), Span.at(end.lsn())))
                .toList();
        Span begin = ancestors.get(ancestors.size() - 1).end();
        return new LogLineage(timeline, begin, ancestors, true, null, Set.of());
    }

    /** Returns the timeline, begun at a log sequence number. */
    public LogLineage beginning(long lsn) {
        return beginning(begin.and(Span.at(lsn)));
    }

    private LogLineage beginning(Span at) {
        List<Ancestor> ends = new ArrayList<>();
        for (Ancestor ancestor : ancestors) {
            // Numbers grow along a branch, so that there is nothing between a timeline and the one before it.
            boolean parent = ancestor.timeline == timeline - 1;
            ends.add(new Ancestor(
                    ancestor.timeline, parent ? ancestor.end.and(at) : ancestor.end.and(new Span(0, at.atMost))));
        }
        return new LogLineage(timeline, at, ends, complete, node, abandoned);
    }

    @Override
    public Fate fate(ReplicationPosition position) {
        if (!(position instanceof LogPosition log)) {
            return Fate.PENDING;
        }
        Branch branch = log.branch();
        if (branch.timeline() == timeline) {
            return ownFate(branch, log.lsn());
        }
        if (branch.timeline() > timeline) {
            return abandoned.contains(branch.timeline()) ? strangersFate(branch, log.lsn()) : Fate.PENDING;
        }
        for (int i = 0; i < ancestors.size(); i++) {
            Ancestor ancestor = ancestors.get(i);
            if (ancestor.timeline == branch.timeline()) {
                boolean other = i > 0 && differs(branch.forkPosition(), ancestors.get(i - 1).end);
                return other ? strangersFate(branch, log.lsn()) : partsFate(ancestor.end, log.lsn());
            }
        }
        return isBefore(begin.atMost, log.lsn())
                ? Fate.LOST
                : complete ? strangersFate(branch, log.lsn()) : Fate.UNKNOWN;
    }

    private Fate ownFate(Branch branch, long lsn) {
        if (differs(branch.forkPosition(), begin)) {
            return strangersFate(branch, lsn);
        }
        if (node == null || node.equals(branch.promotedNode())) {
            return Fate.KEPT;
        }
        // Of another node's timeline of the same number nothing beyond the point where this one began is shared.
        return branch.promotedNode() != null && isBefore(begin.atMost, lsn) ? Fate.LOST : Fate.UNKNOWN;
    }

    /** Of a timeline that is no ancestor, what it has written itself is lost. */
    private static Fate strangersFate(Branch branch, long lsn) {
        Long fork = branch.forkPosition();
        return fork != null && isBefore(fork, lsn) ? Fate.LOST : Fate.UNKNOWN;
    }

    private static Fate partsFate(Span end, long lsn) {
        if (!isBefore(end.atLeast, lsn)) {
            return Fate.KEPT;
        }
        return isBefore(end.atMost, lsn) ? Fate.LOST : Fate.UNKNOWN;
    }

    private static boolean differs(@Nullable Long fork, Span begin) {
        return fork != null && (isBefore(fork, begin.atLeast) || isBefore(begin.atMost, fork));
    }

    @Override
    public Coverage covers(ReplicationPosition reached, ReplicationPosition required) {
        if (!(reached instanceof LogPosition r && required instanceof LogPosition q)) {
            return Coverage.UNKNOWN;
        }
        // On whatever branch: what is shorter does not include what is longer.
        if (isBefore(r.lsn(), q.lsn())) {
            return Coverage.NO;
        }
        if (isSame(r.branch(), q.branch())) {
            return Coverage.YES;
        }
        return switch (fate(q)) {
            case KEPT -> reaches(r, q.lsn());
            case LOST -> fate(r) == Fate.KEPT ? Coverage.NO : Coverage.UNKNOWN;
            case UNKNOWN, PENDING -> Coverage.UNKNOWN;
        };
    }

    private boolean isSame(Branch one, Branch other) {
        boolean unclear = node != null
                && one.timeline() == timeline
                && (one.promotedNode() == null || other.promotedNode() == null);
        return !unclear && one.isSameAs(other);
    }

    /** Returns whether a node that is at least so far has that part of this branch, too. */
    private Coverage reaches(LogPosition reached, long lsn) {
        if (fate(reached) == Fate.KEPT) {
            return Coverage.YES;
        }
        for (Ancestor ancestor : ancestors) {
            if (ancestor.timeline == reached.branch().timeline()) {
                return switch (partsFate(ancestor.end, lsn)) {
                    case KEPT -> Coverage.YES;
                    case LOST -> Coverage.NO;
                    case UNKNOWN, PENDING -> Coverage.UNKNOWN;
                };
            }
        }
        return Coverage.UNKNOWN;
    }

    @Override
    public boolean isBranchOf(ReplicationPosition position) {
        return position instanceof LogPosition log && log.branch().timeline() == timeline && fate(log) == Fate.KEPT;
    }

    @Override
    public boolean continues(Lineage earlier) {
        return !(earlier instanceof LogLineage that) || timeline == that.timeline && agrees(that);
    }

    private boolean agrees(LogLineage that) {
        return !isBefore(begin.atMost, that.begin.atLeast) && !isBefore(that.begin.atMost, begin.atLeast);
    }

    @Override
    public LogLineage with(Lineage earlier) {
        if (!(earlier instanceof LogLineage that) || !continues(that)) {
            return this;
        }
        Set<Long> left = new HashSet<>(abandoned);
        left.addAll(that.abandoned);
        return new LogLineage(
                        timeline,
                        begin.and(that.begin),
                        united(that.ancestors),
                        complete || that.complete,
                        node != null ? node : that.node,
                        left)
                .beginning(begin.and(that.begin));
    }

    @Override
    public LogLineage after(Lineage previous) {
        if (!(previous instanceof LogLineage that)) {
            return this;
        }
        Set<Long> left = new HashSet<>(abandoned);
        left.addAll(that.abandoned);
        left.remove(timeline);
        if (that.timeline > timeline) {
            left.add(that.timeline);
        }
        if (!descendsFrom(that)) {
            return new LogLineage(timeline, begin, ancestors, complete, node, left);
        }
        // What came before a timeline is the same for all that descend from it.
        boolean whole = complete || that.complete && that.timeline == timeline - 1;
        return new LogLineage(timeline, begin, united(that.ancestors), whole, node, left);
    }

    @Override
    public LogLineage named(String beginner) {
        return new LogLineage(timeline, begin, ancestors, complete, beginner, abandoned);
    }

    @Override
    public boolean isNamed() {
        return node != null;
    }

    private boolean descendsFrom(LogLineage that) {
        return that.node == null && ancestors.stream().anyMatch(ancestor -> ancestor.timeline == that.timeline);
    }

    private List<Ancestor> united(List<Ancestor> others) {
        TreeMap<Long, Ancestor> united = new TreeMap<>();
        others.forEach(ancestor -> united.put(ancestor.timeline, ancestor));
        ancestors.forEach(ancestor -> united.merge(
                ancestor.timeline, ancestor, (old, known) -> new Ancestor(known.timeline, known.end.and(old.end))));
        return List.copyOf(united.values());
    }

    /** It had replayed so much, and what it has written since, it has written on its own timeline. */
    @Override
    public LogLineage risenFrom(ReplicationPosition asReplica, ReplicationPosition asPrimary) {
        if (!(asReplica instanceof LogPosition from && asPrimary instanceof LogPosition to)
                || from.branch().timeline() >= timeline
                || isBefore(to.lsn(), from.lsn())) {
            return this;
        }
        long parent = from.branch().timeline();
        Span seen = new Span(from.lsn(), to.lsn());
        LogLineage known =
                new LogLineage(timeline, begin, united(List.of(new Ancestor(parent, seen))), complete, node, abandoned);
        return known.beginning(begin.and(seen));
    }

    @Override
    public LogLineage reaching(ReplicationPosition position) {
        return this;
    }

    @Override
    public ReplicationPosition stamped(ReplicationPosition position) {
        boolean own = position instanceof LogPosition log && log.branch().timeline() == timeline;
        if (!own || timeline == 1 || !begin.isExact() && node == null) {
            return position;
        }
        Long fork = begin.isExact() ? Long.valueOf(begin.atLeast) : null;
        return new LogPosition(new Branch(timeline, fork, node), ((LogPosition) position).lsn());
    }

    @Override
    public boolean isComplete() {
        return complete && ancestors.stream().allMatch(ancestor -> ancestor.end.isExact());
    }

    /** Returns the timelines and where each ended: {@code 1 to 0/3000060, then 2}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Ancestor ancestor : ancestors) {
            text.append(ancestor.timeline)
                    .append(" to ")
                    .append(ended(ancestor.end))
                    .append(", then ");
        }
        return text.append(timeline).append(node == null ? "" : " of " + node).toString();
    }

    private static String ended(Span end) {
        if (end.isExact()) {
            return LogPosition.formatLsn(end.atLeast);
        }
        return end.atMost == -1
                ? "an unknown point"
                : "between " + LogPosition.formatLsn(end.atLeast) + " and " + LogPosition.formatLsn(end.atMost);
    }

    private static boolean isBefore(long one, long other) {
        return Long.compareUnsigned(one, other) < 0;
    }

    private static long later(long one, long other) {
        return isBefore(one, other) ? other : one;
    }
}
