package io.github.r2dbcrouting.hold;

import io.github.r2dbcrouting.acquiring.SessionView;
import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.ConsistencySession.Write;
import io.github.r2dbcrouting.session.Sessions;
import io.github.r2dbcrouting.topology.NodeRole;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What sessions are told of one exchange: the one in whose chain it stands, and that of the factory. What may take effect is a write
 * from just before it is sent, since its rows arrive before its commit does, and with it what stands in its transaction. Whatever else
 * has run on the primary may have written out of sight. A read on a replica is noted with where it ran.
 */
public final class SessionNote {

    private final @Nullable ConsistencySession own;
    private final @Nullable ConsistencySession shared;
    private final List<Write> writes;
    private final boolean monotonic;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean cut;

    private SessionNote(
            @Nullable ConsistencySession own,
            @Nullable ConsistencySession shared,
            List<Write> writes,
            boolean monotonic) {
        this.own = own;
        this.shared = shared;
        this.writes = writes;
        this.monotonic = monotonic;
    }

    /**
     * Returns the note of an exchange that is about to be sent; {@code null} if no session is to hear of it.
     *
     * @param view the session of its statement, or {@code null}
     * @param effective whether it may take effect for good
     */
    public static @Nullable SessionNote of(
            Sessions sessions, @Nullable SessionView view, Hold hold, boolean effective) {
        ConsistencySession shared = sessions.shared();
        ConsistencySession own = view == null || view.session() == shared ? null : view.session();
        boolean monotonic = view != null && view.level() == Level.SESSION;
        if (hold.lease().role() != NodeRole.PRIMARY) {
            // Each read of the session of the factory would else cost all later ones a question.
            ConsistencySession reader = own == null && monotonic ? shared : own;
            return reader == null ? null : new SessionNote(reader, null, List.of(), monotonic);
        }
        return own == null && shared == null ? null : begun(own, shared, hold, effective, monotonic);
    }

    /** Returns the note of a commit, which is one of all that stands in the transaction. */
    public static SessionNote ofCommit(Hold hold) {
        return begun(null, null, hold, true, false);
    }

    private static SessionNote begun(
            @Nullable ConsistencySession own,
            @Nullable ConsistencySession shared,
            Hold hold,
            boolean effective,
            boolean monotonic) {
        UnsettledWrites pin = hold.unsettled();
        if (pin == null) {
            return new SessionNote(own, shared, List.of(), monotonic);
        }
        pin.join(own, shared);
        SessionNote note = new SessionNote(own, shared, effective ? pin.writes() : List.of(), monotonic);
        pin.begins(note);
        return note;
    }

    /** Notes that something of it was handed out. */
    public void shown() {
        writes.forEach(Write::shown);
    }

    /** Notes that a row was handed out, from which somebody may go on and read before the exchange has ended. */
    public void firstRow(Hold hold) {
        if (monotonic && own != null && writes.isEmpty()) {
            noteRead(own, hold);
        }
    }

    /** Notes that nobody wants it any more while it goes on. */
    public void abandoned() {
        writes.forEach(Write::abandoned);
    }

    /** Notes that it goes on at the server when its end is told here. */
    public void cut() {
        cut = true;
    }

    /** Notes that the exchange has ended, or its connection; called before its hold is let go. */
    public void ended(Hold hold) {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        if (own != null && writes.isEmpty()) {
            noteRead(own, hold);
        }
        UnsettledWrites pin = hold.unsettled();
        if (hold.lease().role() != NodeRole.PRIMARY) {
            return;
        }
        if (pin != null) {
            pin.join(own, shared);
            pin.over(this, hold);
        } else if (shared != null) {
            shared.written(hold.epoch(), now(hold));
        }
    }

    private static void noteRead(ConsistencySession session, Hold hold) {
        if (hold.lease().role() == NodeRole.PRIMARY) {
            session.written(hold.epoch(), now(hold));
        } else {
            session.readOnReplica(hold.lease().node(), hold.lease().generation(), hold.epoch(), now(hold));
        }
    }

    private static long now(Hold hold) {
        return hold.services().waiting().timers().now(TimeUnit.NANOSECONDS);
    }

    List<Write> writes() {
        return writes;
    }

    /** Returns whether what it wrote may take effect after the end that was told. */
    boolean isCut() {
        return cut;
    }
}
