package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;

/**
 * What a session knows, as one immutable value.
 *
 * @param dirty how many writes are under way
 * @param writes what it wrote
 * @param reads what it read
 * @param lastRead the replica of the last read, while what that saw is not known as a position
 * @param lastReadGeneration the life of that replica
 * @param distrustedUntil until when replicas are not read, 0 for not at all
 */
record SessionState(
        int dirty,
        SessionBound writes,
        SessionBound reads,
        @Nullable NodeId lastRead,
        long lastReadGeneration,
        long distrustedUntil) {

    static final SessionState CLEAN = new SessionState(0, SessionBound.NONE, SessionBound.NONE, null, 0, 0);

    SessionState dirtier() {
        return new SessionState(dirty + 1, writes, reads, lastRead, lastReadGeneration, distrustedUntil);
    }

    SessionState cleaner() {
        return new SessionState(dirty - 1, writes, reads, lastRead, lastReadGeneration, distrustedUntil);
    }

    SessionState written(long epoch, long now) {
        return new SessionState(dirty, writes.with(epoch, now), reads, lastRead, lastReadGeneration, distrustedUntil);
    }

    SessionState read(long epoch, long now, @Nullable NodeId node, long generation) {
        // Of two nodes that were read since the last position was known, neither need show what the other has shown.
        boolean only =
                reads.fence() == null || (node != null && node.equals(lastRead) && generation == lastReadGeneration);
        return new SessionState(dirty, writes, reads.with(epoch, now), only ? node : null, generation, distrustedUntil);
    }

    SessionState including(PositionBound bound) {
        return new SessionState(dirty, writes.merge(bound), reads, lastRead, lastReadGeneration, distrustedUntil);
    }

    SessionState distrusting(long until) {
        if (distrustedUntil != 0 && distrustedUntil - until >= 0) {
            return this;
        }
        return new SessionState(dirty, writes, reads, lastRead, lastReadGeneration, until == 0 ? 1 : until);
    }

    /** Returns whether something that the session wrote in an epoch that is over has not become a position. */
    boolean isOutdated(Topology topology) {
        return writes.isOutdated(topology);
    }

    SessionState resolved(Topology topology) {
        SessionBound written = writes.resolve(topology);
        SessionBound seen = reads.resolve(topology);
        return written == writes && seen == reads
                ? this
                : new SessionState(
                        dirty,
                        written,
                        seen,
                        seen.fence() == null ? null : lastRead,
                        lastReadGeneration,
                        distrustedUntil);
    }

    Requirement requirement(Level level, Topology topology, long now) {
        if (distrustedUntil != 0 && distrustedUntil - now > 0) {
            return Requirement.PRIMARY;
        }
        boolean monotonic = level == Level.SESSION;
        PositionBound bound = monotonic ? writes.resolved().merge(reads.resolved()) : writes.resolved();
        boolean fenced = writes.fence() != null || monotonic && reads.fence() != null;
        if (bound.isLost()) {
            return Requirement.PRIMARY;
        }
        if (dirty > 0) {
            return new Requirement(Requirement.Kind.WRITING, bound, null, false);
        }
        if (!fenced) {
            return bound.isNone() ? Requirement.NONE : new Requirement(Requirement.Kind.COVERED, bound, null, false);
        }
        NodeId stay = monotonic && writes.fence() == null && isAlive(topology) ? lastRead : null;
        return new Requirement(Requirement.Kind.FENCED, bound, stay, false);
    }

    /** A replica that began another life may have come back older. */
    private boolean isAlive(Topology topology) {
        NodeState node = lastRead == null ? null : topology.node(lastRead);
        return node != null && node.generation() == lastReadGeneration;
    }
}
