package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;

/**
 * What a session must see again: positions as far as they are known, and a fence for what happened since. A fence says that it
 * happened before a moment, in an epoch; the first position of that epoch's primary that was asked for <em>after</em> that moment
 * includes it. So of several fences the latest stands for all, and any sample will do, whoever asked for it.
 *
 * @param resolved what is known
 * @param fence what is not known yet, or {@code null}
 */
record SessionBound(PositionBound resolved, @Nullable Fence fence) {

    static final SessionBound NONE = new SessionBound(PositionBound.NONE, null);

    /**
     * What happened on the primary of an epoch before a moment.
     *
     * @param epoch the epoch of the topology
     * @param before nanoseconds of the monotonic clock that the samples are timed with
     */
    record Fence(long epoch, long before) {}

    boolean isNone() {
        return fence == null && resolved.isNone();
    }

    /** Returns the bound with something that has happened by now. A fence of an older epoch gives way: see {@link #isOutdated}. */
    SessionBound with(long epoch, long now) {
        Fence open = fence;
        boolean later = open == null || epoch > open.epoch() || epoch == open.epoch() && now - open.before() > 0;
        return later ? new SessionBound(resolved, new Fence(epoch, now)) : this;
    }

    /**
     * Returns whether the fence is of an epoch that has ended: its position cannot be learned any more, and whether what stands
     * behind it survived is not known.
     */
    boolean isOutdated(Topology topology) {
        return fence != null && fence.epoch() < topology.epoch();
    }

    /** Returns the bound with its fence resolved by a sample of the primary, if the snapshot has one that is young enough. */
    SessionBound resolve(Topology topology) {
        Replication sample =
                topology.primary() == null ? null : topology.primary().replication();
        Fence open = fence;
        if (open == null
                || sample == null
                || open.epoch() > topology.epoch()
                || sample.sampledAt() - open.before() <= 0) {
            return this;
        }
        return new SessionBound(resolved.merge(PositionBound.of(sample.position())), null);
    }

    /** Returns the bound as it is on the branch of the present primary. */
    SessionBound following(Lineage lineage, ReplicationPosition present) {
        PositionBound followed = resolved.following(lineage, present);
        return followed.equals(resolved) ? this : new SessionBound(followed, fence);
    }

    SessionBound merge(PositionBound more) {
        return new SessionBound(resolved.merge(more), fence);
    }
}
