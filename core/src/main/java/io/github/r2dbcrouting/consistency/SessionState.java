package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a session knows, as one immutable value.
 *
 * @param open the writes that were under way when it was taken; some may have ended since
 * @param writes what it wrote
 * @param reads what it read
 * @param lastRead the replica of the last read, while what that saw is not known as a position
 * @param lastReadGeneration the life of that replica
 * @param distrustedUntil until when replicas are not read, 0 for not at all
 */
record SessionState(
        List<ConsistencySession.Write> open,
        SessionBound writes,
        SessionBound reads,
        @Nullable NodeId lastRead,
        long lastReadGeneration,
        long distrustedUntil) {

    static final SessionState CLEAN = new SessionState(List.of(), SessionBound.NONE, SessionBound.NONE, null, 0, 0);

    SessionState with(ConsistencySession.Write write) {
        List<ConsistencySession.Write> more = new ArrayList<>(open);
        more.add(write);
        return withOpen(List.copyOf(more));
    }

    SessionState without(ConsistencySession.Write write) {
        return withOpen(open.stream().filter(other -> other != write).toList());
    }

    /** Returns the state without the writes that nobody can know of yet. */
    SessionState withoutHidden() {
        return open.isEmpty()
                ? this
                : withOpen(open.stream().filter(write -> !write.isHidden()).toList());
    }

    /** Returns whether a write is under way of which somebody may know. */
    private boolean isWriting() {
        for (ConsistencySession.Write write : open) {
            if (!write.isHidden()) {
                return true;
            }
        }
        return false;
    }

    private SessionState withOpen(List<ConsistencySession.Write> present) {
        return new SessionState(present, writes, reads, lastRead, lastReadGeneration, distrustedUntil);
    }

    /** Returns the state with what has become of the writes that were under way. */
    SessionState settled() {
        SessionState settled = this;
        for (ConsistencySession.Write write : open) {
            if (write.isOver()) {
                SessionBound.Fence end = write.end();
                settled = settled.without(write);
                settled = end == null ? settled : settled.written(end.epoch(), end.before());
            }
        }
        return settled;
    }

    SessionState written(long epoch, long now) {
        return new SessionState(open, writes.with(epoch, now), reads, lastRead, lastReadGeneration, distrustedUntil);
    }

    SessionState read(long epoch, long now, @Nullable NodeId node, long generation) {
        // Of two nodes that were read since the last position was known, neither need show what the other has shown.
        boolean only =
                reads.fence() == null || (node != null && node.equals(lastRead) && generation == lastReadGeneration);
        return new SessionState(open, writes, reads.with(epoch, now), only ? node : null, generation, distrustedUntil);
    }

    SessionState including(PositionBound bound) {
        return new SessionState(open, writes.merge(bound), reads, lastRead, lastReadGeneration, distrustedUntil);
    }

    SessionState distrusting(long until) {
        if (distrustedUntil != 0 && distrustedUntil - until >= 0) {
            return this;
        }
        return new SessionState(open, writes, reads, lastRead, lastReadGeneration, until == 0 ? 1 : until);
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
                        open,
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
        if (isWriting()) {
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
