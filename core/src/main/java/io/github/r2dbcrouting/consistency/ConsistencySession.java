package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.Topology;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * What one session has written and read. It travels in the Reactor Context, as one object for all statements of the session, and
 * is safe for concurrent use.
 *
 * <p>A write makes it dirty from just before it is sent: its rows arrive before its commit does. When it has ended, it leaves a
 * fence behind, which costs nothing; the next sample of the primary that is asked for afterwards turns the fence into a position,
 * and a replica that has covered the position shows the write.
 */
public final class ConsistencySession {

    /** The key under which a session travels in the Reactor Context. */
    public static final Object CONTEXT_KEY = ConsistencySession.class;

    private static final AtomicReferenceFieldUpdater<ConsistencySession, SessionState> STATE =
            AtomicReferenceFieldUpdater.newUpdater(ConsistencySession.class, SessionState.class, "state");

    private volatile SessionState state = SessionState.CLEAN;

    private ConsistencySession() {}

    /** Returns a session that has seen nothing yet. */
    public static ConsistencySession create() {
        return new ConsistencySession();
    }

    /** Returns the session of a subscriber, or {@code null} if it has none. */
    public static @Nullable ConsistencySession from(ContextView context) {
        return context.getOrDefault(CONTEXT_KEY, null);
    }

    /**
     * Notes that a write is about to be sent, or anything that might write.
     *
     * @return to be ended once, however the write ends
     */
    public Write writeStarts() {
        update(SessionState::dirtier);
        return new Write();
    }

    /** Notes that a statement on the primary has ended which is not known to write, but may have done so out of sight. */
    public void readOnPrimary(long epoch, long now) {
        update(present -> present.written(epoch, now).read(epoch, now, null, 0));
    }

    /**
     * Notes that a read on a replica has ended.
     *
     * @param node the replica
     * @param generation its life
     * @param epoch the epoch in which it was chosen
     * @param now nanoseconds of the monotonic clock that the samples are timed with
     */
    public void readOnReplica(NodeId node, long generation, long epoch, long now) {
        update(present -> present.read(epoch, now, node, generation));
    }

    /** Takes over what another session has seen and written, by its token. */
    public void include(SessionToken token) {
        update(present -> present.including(token.bound()));
    }

    /** Has reads go to the primary until a moment at least, since what the session wrote elsewhere is not known. */
    public void distrustReplicasUntil(long until) {
        update(present -> present.distrusting(until));
    }

    /**
     * Returns how long reads still go to the primary because of {@link #distrustReplicasUntil}, in nanoseconds; 0 for not at all.
     *
     * @param now nanoseconds of the monotonic clock that the samples are timed with
     */
    public long distrustsReplicasFor(long now) {
        long until = state.distrustedUntil();
        return until == 0 ? 0 : Math.max(0, until - now);
    }

    /**
     * Returns what the session asks of its next read.
     *
     * @param level what the read may observe; only {@link Level#READ_YOUR_WRITES} and {@link Level#SESSION} ask anything of a session
     * @param topology the present snapshot, whose samples resolve fences
     * @param now nanoseconds of the monotonic clock that the samples are timed with
     */
    public Requirement requirement(Level level, Topology topology, long now) {
        SessionState present = state;
        if (present == SessionState.CLEAN || level != Level.READ_YOUR_WRITES && level != Level.SESSION) {
            return Requirement.NONE;
        }
        SessionState resolved = present.resolved(topology);
        // Whoever is slower has worked out the same, or something newer is known; it is worked out again by the next
        // one.
        boolean first = resolved != present && STATE.compareAndSet(this, present, resolved);
        Requirement requirement = resolved.requirement(level, topology, now);
        return first && present.isOutdated(topology) ? requirement.withPossibleLoss() : requirement;
    }

    /** Returns what a node must have covered to show all that the session wrote and read, as far as it is known. */
    public PositionBound bound() {
        SessionState present = state;
        return present.writes().resolved().merge(present.reads().resolved());
    }

    /** Returns whether the session wrote or read more than {@link #bound()} says. */
    public boolean isUnresolved() {
        SessionState present = state;
        return present.dirty() > 0
                || present.writes().fence() != null
                || present.reads().fence() != null;
    }

    private void update(UnaryOperator<SessionState> change) {
        SessionState present;
        SessionState next;
        do {
            present = state;
            next = change.apply(present);
        } while (!STATE.compareAndSet(this, present, next));
    }

    @Override
    public String toString() {
        return "ConsistencySession[" + state + "]";
    }

    /** A write that is under way. */
    public final class Write {

        private final AtomicBoolean ended = new AtomicBoolean();

        private Write() {}

        /**
         * Notes that it has ended: its connection is ready for the next statement, or its server process is gone. Only the first
         * call counts.
         *
         * @param epoch the epoch of the primary that it was sent to
         * @param now nanoseconds of the monotonic clock that the samples are timed with
         */
        public void ended(long epoch, long now) {
            if (ended.compareAndSet(false, true)) {
                update(present -> present.cleaner().written(epoch, now));
            }
        }

        /** Notes that it was never sent. */
        public void unsent() {
            if (ended.compareAndSet(false, true)) {
                update(SessionState::cleaner);
            }
        }
    }
}
