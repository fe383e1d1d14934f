package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.ConsistencySession.Write;
import io.github.r2dbcrouting.session.Sessions;
import io.github.r2dbcrouting.topology.NodeRole;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What sessions are told of one exchange: the one in whose chain it stands, and that of the factory. What may take effect is a write
 * from just before it is sent, since its rows arrive before its commit does; what stands in a transaction is one only with the
 * commit. Whatever else has run on the primary may have written out of sight. A read on a replica is noted with where it ran.
 */
final class SessionNote {

    private final @Nullable ConsistencySession own;
    private final @Nullable ConsistencySession shared;
    private final @Nullable Write write;
    private final @Nullable Write sharedWrite;

    private SessionNote(@Nullable ConsistencySession own, @Nullable ConsistencySession shared, boolean effective) {
        this.own = own;
        this.shared = shared;
        this.write = effective && own != null ? own.writeStarts() : null;
        this.sharedWrite = effective && shared != null ? shared.writeStarts() : null;
    }

    /**
     * Returns the note of an exchange that is about to be sent; {@code null} if no session is to hear of it.
     *
     * @param view the session of its statement, or {@code null}
     * @param effective whether it may take effect for good
     */
    static @Nullable SessionNote of(Sessions sessions, @Nullable SessionView view, Hold hold, boolean effective) {
        ConsistencySession shared = sessions.shared();
        ConsistencySession own = view == null || view.session() == shared ? null : view.session();
        if (hold.lease().role() != NodeRole.PRIMARY) {
            // Each read of the session of the factory would else cost all later ones a question.
            ConsistencySession reader = own == null && view != null && view.level() == Level.SESSION ? shared : own;
            return reader == null ? null : new SessionNote(reader, null, false);
        }
        if (own == null && shared == null) {
            return null;
        }
        if (effective) {
            hold.mayCommit();
        }
        return new SessionNote(own, shared, effective);
    }

    /** Notes that something of it was handed out. */
    void shown() {
        if (write != null) {
            write.shown();
        }
        if (sharedWrite != null) {
            sharedWrite.shown();
        }
    }

    /** Notes that nobody wants it any more while it goes on. */
    void abandoned() {
        if (write != null) {
            write.abandoned();
        }
        if (sharedWrite != null) {
            sharedWrite.abandoned();
        }
    }

    /** Notes that the exchange has ended; called before its hold is let go, which settles its writes. */
    void ended(Hold hold) {
        long now = hold.services().waiting().timers().now(TimeUnit.NANOSECONDS);
        if (hold.lease().role() != NodeRole.PRIMARY) {
            if (own != null) {
                own.readOnReplica(hold.lease().node(), hold.lease().generation(), hold.epoch(), now);
            }
            return;
        }
        if (own != null && write == null) {
            own.written(hold.epoch(), now);
        }
        hold.unsettle(own, write);
        hold.unsettle(shared, sharedWrite);
    }
}
