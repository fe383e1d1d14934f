package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.position.Fate;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
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
 * @param epoch the epoch whose primary is known to have all positions; 0 for none yet
 * @param loss what was lost and not said yet, or {@code null}
 */
record SessionState(
        List<ConsistencySession.Write> open,
        SessionBound writes,
        SessionBound reads,
        @Nullable NodeId lastRead,
        long lastReadGeneration,
        long distrustedUntil,
        long epoch,
        @Nullable Loss loss) {

    static final SessionState CLEAN =
            new SessionState(List.of(), SessionBound.NONE, SessionBound.NONE, null, 0, 0, 0, null);

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
        return new SessionState(present, writes, reads, lastRead, lastReadGeneration, distrustedUntil, epoch, loss);
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

    SessionState written(long inEpoch, long now) {
        return with(writes.with(inEpoch, now), reads, lastRead, lastReadGeneration, epoch, loss);
    }

    SessionState read(long inEpoch, long now, @Nullable NodeId node, long generation) {
        // Of two nodes that were read since the last position was known, neither need show what the other has shown.
        boolean only =
                reads.fence() == null || (node != null && node.equals(lastRead) && generation == lastReadGeneration);
        return with(writes, reads.with(inEpoch, now), only ? node : null, generation, epoch, loss);
    }

    SessionState including(PositionBound bound) {
        return with(writes.merge(bound), reads, lastRead, lastReadGeneration, 0, loss);
    }

    private SessionState with(
            SessionBound written,
            SessionBound seen,
            @Nullable NodeId last,
            long generation,
            long checked,
            @Nullable Loss noticed) {
        return new SessionState(open, written, seen, last, generation, distrustedUntil, checked, noticed);
    }

    SessionState distrusting(long until) {
        if (distrustedUntil != 0 && distrustedUntil - until >= 0) {
            return this;
        }
        return new SessionState(open, writes, reads, lastRead, lastReadGeneration, until == 0 ? 1 : until, epoch, loss);
    }

    /** Returns the state with what a snapshot tells: positions for fences, and what became of positions after a failover. */
    SessionState resolved(Topology topology) {
        SessionState followed = following(topology);
        SessionBound written = followed.writes.resolve(topology);
        SessionBound seen = followed.reads.resolve(topology);
        if (written == followed.writes && seen == followed.reads) {
            return followed;
        }
        NodeState primary = topology.primary();
        // Its position cannot be learned any more, nor whether what stands behind it survived.
        Loss noticed = followed.loss == null && primary != null && followed.writes.isOutdated(topology)
                ? new Loss(false, PositionBound.NONE, topology.epoch(), primary.id(), topology.lineage())
                : followed.loss;
        NodeId last = seen.fence() == null ? null : lastRead;
        return followed.with(written, seen, last, lastReadGeneration, followed.epoch, noticed);
    }

    /**
     * Looks up the positions in the history of a new primary. What that does not have, nobody will ever show again; what it is not
     * known to have it shows now or never. So its present position takes their place.
     */
    private SessionState following(Topology topology) {
        NodeState primary = topology.primary();
        Replication sample = primary == null ? null : primary.replication();
        if (epoch == topology.epoch() || primary == null || sample == null) {
            return this;
        }
        PositionBound bound = writes.resolved().merge(reads.resolved());
        Fate fate = bound.fate(topology.lineage());
        if (fate == Fate.PENDING) {
            return this;
        }
        if (fate == Fate.KEPT) {
            return following(topology, sample, loss);
        }
        Loss noticed = new Loss(
                fate == Fate.LOST,
                bound.missedBy(topology.lineage()),
                topology.epoch(),
                primary.id(),
                topology.lineage());
        return following(topology, sample, noticed);
    }

    private SessionState following(Topology topology, Replication sample, @Nullable Loss noticed) {
        SessionBound written = writes.following(topology.lineage(), sample.position());
        SessionBound seen = reads.following(topology.lineage(), sample.position());
        boolean pending = written.resolved().merge(seen.resolved()).fate(topology.lineage()) == Fate.PENDING;
        return with(written, seen, lastRead, lastReadGeneration, pending ? epoch : topology.epoch(), noticed);
    }

    /** Returns the state once its loss was said. */
    SessionState said() {
        return loss == null ? this : with(writes, reads, lastRead, lastReadGeneration, epoch, null);
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
            return new Requirement(Requirement.Kind.WRITING, bound, null, null);
        }
        if (!fenced) {
            return bound.isNone() ? Requirement.NONE : new Requirement(Requirement.Kind.COVERED, bound, null, null);
        }
        NodeId stay = monotonic && writes.fence() == null && isAlive(topology) ? lastRead : null;
        return new Requirement(Requirement.Kind.FENCED, bound, stay, null);
    }

    /** A replica that began another life may have come back older. */
    private boolean isAlive(Topology topology) {
        NodeState node = lastRead == null ? null : topology.node(lastRead);
        return node != null && node.generation() == lastReadGeneration;
    }
}
