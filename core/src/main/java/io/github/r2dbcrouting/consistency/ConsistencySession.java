package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.Topology;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.IntSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.ContextView;

/**
 * What one session has written and read. It travels in the Reactor Context, as one object for all statements of the session, and
 * is safe for concurrent use.
 *
 * <p>A write is known to it from just before it is sent, and counts for reads from its first row on, which arrives before its commit
 * does: until then nobody can know of it, and going where it might be seen may mean to miss what was seen before. When it has ended,
 * it leaves a fence behind, which costs nothing; the next sample of the primary that is asked for afterwards turns the fence into a position,
 * and a replica that has covered the position shows the write.
 */
public final class ConsistencySession {

    /** The key under which a session travels in the Reactor Context. */
    public static final Object CONTEXT_KEY = ConsistencySession.class;

    private static final AtomicReferenceFieldUpdater<ConsistencySession, SessionState> STATE =
            AtomicReferenceFieldUpdater.newUpdater(ConsistencySession.class, SessionState.class, "state");

    private static final AtomicIntegerFieldUpdater<ConsistencySession> LOT =
            AtomicIntegerFieldUpdater.newUpdater(ConsistencySession.class, "lot");

    private volatile SessionState state = SessionState.CLEAN;
    private volatile int lot = SessionToken.NO_LOT;

    private final boolean shared;

    private ConsistencySession(boolean shared) {
        this.shared = shared;
    }

    /** Returns a session that has seen nothing yet. */
    public static ConsistencySession create() {
        return new ConsistencySession(false);
    }

    /**
     * Returns a session of many who do not know of each other. What one of them has left unfinished holds up nobody: a write whose user
     * has gone counts only when it has ended, and no read waits for the end of one again that has taken its time.
     */
    public static ConsistencySession createShared() {
        return new ConsistencySession(true);
    }

    /** Returns whether it is one of many who do not know of each other. */
    public boolean isShared() {
        return shared;
    }

    /**
     * Returns a number by which a share of all sessions is told from the others; it is drawn once and stays.
     *
     * @param draw draws it, not negative; may be asked in vain
     */
    public int lot(IntSupplier draw) {
        int drawn = lot;
        if (drawn == SessionToken.NO_LOT) {
            LOT.compareAndSet(this, SessionToken.NO_LOT, draw.getAsInt());
            drawn = lot;
        }
        return drawn;
    }

    /** Returns the number that was drawn, or {@link SessionToken#NO_LOT}. */
    public int lotIfDrawn() {
        return lot;
    }

    /** Takes the number that the session has drawn elsewhere, unless it has one; {@link SessionToken#NO_LOT} for none. */
    public void takeLot(int drawnElsewhere) {
        LOT.compareAndSet(this, SessionToken.NO_LOT, drawnElsewhere);
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
        Write write = new Write();
        update(present -> present.with(write));
        return write;
    }

    /**
     * Notes that something has ended on the primary which may have written, though nobody could know that before. It has read, too.
     *
     * @param epoch the epoch of the primary
     * @param now nanoseconds of the monotonic clock that the samples are timed with
     */
    public void written(long epoch, long now) {
        update(present -> present.written(epoch, now));
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
        return resolved.requirement(level, topology, now).with(said(present, resolved));
    }

    /**
     * Returns what the session asks of a read that begins now and may have to wait: what others do in the session while it waits is
     * not part of it.
     *
     * @param level what the read may observe; only {@link Level#READ_YOUR_WRITES} and {@link Level#SESSION} ask anything of a session
     */
    public ReadPoint readPoint(Level level) {
        return new ReadPoint(this, level, state.withoutHidden());
    }

    /** Takes over what a snapshot tells. A loss is said with the next requirement. */
    public void learn(Topology topology) {
        SessionState present = state;
        replace(present, present.resolved(topology));
    }

    /** Takes over what a snapshot tells; returns what of the session was lost, if that was not said yet. */
    @Nullable
    Loss loss(Topology topology) {
        SessionState present = state;
        return said(present, present.resolved(topology));
    }

    private @Nullable Loss said(SessionState present, SessionState resolved) {
        return replace(present, resolved.said()) ? resolved.loss() : null;
    }

    private boolean replace(SessionState present, SessionState next) {
        // Whoever is slower has worked out the same, or something newer is known; it is worked out again by the next
        // one.
        return next != present && STATE.compareAndSet(this, present, next);
    }

    /** Returns whether the time matters for what it asks: without it, reading the clock would be half of the work. */
    public boolean isTimed() {
        return state.distrustedUntil() != 0;
    }

    /** Returns whether it has read on replicas, which may have shown it what the primary does not show yet. */
    public boolean hasReadOnReplicas() {
        return !state.reads().isNone();
    }

    /** Returns what a node must have covered to show all that the session wrote and read, as far as it is known. */
    public PositionBound bound() {
        SessionState present = state;
        return present.writes().resolved().merge(present.reads().resolved());
    }

    /** Returns whether the session wrote or read more than {@link #bound()} says. */
    public boolean isUnresolved() {
        SessionState present = state;
        return !present.open().isEmpty()
                || present.writes().fence() != null
                || present.reads().fence() != null;
    }

    private void update(UnaryOperator<SessionState> change) {
        SessionState present;
        SessionState next;
        do {
            present = state;
            next = change.apply(present);
            if (next == present) {
                return;
            }
        } while (!STATE.compareAndSet(this, present, next));
    }

    @Override
    public String toString() {
        return "ConsistencySession[" + state + "]";
    }

    /** A write that is under way. */
    public final class Write {

        private static final AtomicReferenceFieldUpdater<Write, SessionBound.Fence> END =
                AtomicReferenceFieldUpdater.newUpdater(Write.class, SessionBound.Fence.class, "end");
        private static final SessionBound.Fence UNSENT = new SessionBound.Fence(0, 0);

        private final Sinks.Empty<Void> over = Sinks.empty();
        private volatile SessionBound.@Nullable Fence end;
        private volatile Visibility visibility = Visibility.HIDDEN;

        private Write() {}

        /**
         * Notes that something of it was handed out, such as a row, so that whoever has it may go on and read. Its commit may take some
         * time yet.
         */
        public void shown() {
            if (visibility == Visibility.HIDDEN) {
                visibility = Visibility.SHOWN;
            }
        }

        /** Notes that its user has gone, who may go on and read. What was shown to him he knows of all the same. */
        public void abandoned() {
            if (visibility == Visibility.HIDDEN && !shared) {
                visibility = Visibility.UNKNOWN;
            }
        }

        /** Notes that whether it takes effect is not known, and will not be for some time. */
        public void outcomeUnknown() {
            visibility = Visibility.UNKNOWN;
        }

        /**
         * Notes that it has ended: its connection is ready for the next statement, or its server process is gone. Only the first
         * call counts.
         *
         * @param epoch the epoch of the primary that it was sent to
         * @param now nanoseconds of the monotonic clock that the samples are timed with
         */
        public void ended(long epoch, long now) {
            if (END.compareAndSet(this, null, new SessionBound.Fence(epoch, now))) {
                update(present -> present.without(this).written(epoch, now));
                over.tryEmitEmpty();
            }
        }

        /** Notes that it was never sent, or cannot have taken effect. */
        public void unsent() {
            if (END.compareAndSet(this, null, UNSENT)) {
                update(present -> present.without(this));
                over.tryEmitEmpty();
            }
        }

        /** Somebody has waited for its end for as long as was sensible. */
        void waitedInVain() {
            visibility = shared ? Visibility.HIDDEN : Visibility.UNKNOWN;
        }

        boolean isOver() {
            return end != null;
        }

        /** Returns whether nobody can know of it yet, so that no read need show it. */
        boolean isHidden() {
            return visibility == Visibility.HIDDEN;
        }

        /** Returns whether its end is to be waited for. */
        boolean isAwaited() {
            return visibility == Visibility.SHOWN && end == null;
        }

        Mono<Void> whenOver() {
            return over.asMono();
        }

        /** Returns when it ended, {@code null} if it did not or was never sent. */
        SessionBound.@Nullable Fence end() {
            return end == UNSENT ? null : end;
        }
    }

    /** What its user knows of a write that is under way. */
    private enum Visibility {
        /** Nothing. */
        HIDDEN,
        /** Something that it returns. */
        SHOWN,
        /** That it may take effect, or has, or has not. */
        UNKNOWN
    }
}
