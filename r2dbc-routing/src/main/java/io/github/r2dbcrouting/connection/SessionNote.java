package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.session.Sessions;
import io.github.r2dbcrouting.topology.NodeRole;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What sessions are told of one exchange: of a write from just before it is sent, since its rows arrive before its commit does, until
 * it has ended, and with it its transaction; of a read where it ran and when it ended.
 */
final class SessionNote {

    private final @Nullable ConsistencySession reading;
    private final List<ConsistencySession.Write> writes;

    private SessionNote(@Nullable ConsistencySession reading, List<ConsistencySession.Write> writes) {
        this.reading = reading;
        this.writes = writes;
    }

    /**
     * Returns the note of an exchange that is about to be sent; {@code null} if no session is to hear of it. The session of the
     * factory hears of all writes, but of reads only where they count: each of them would else cost every later read a question.
     *
     * @param view the session of its statement, or {@code null}
     */
    static @Nullable SessionNote of(Sessions sessions, @Nullable SessionView view, boolean writes) {
        ConsistencySession shared = sessions.shared();
        ConsistencySession own = view == null ? null : view.session();
        if (!writes) {
            boolean counts = view != null && (own != shared || view.level() == Level.SESSION);
            return counts ? new SessionNote(own, List.of()) : null;
        }
        List<ConsistencySession.Write> begun = new ArrayList<>(2);
        if (own != null) {
            begun.add(own.writeStarts());
        }
        if (shared != null && shared != own) {
            begun.add(shared.writeStarts());
        }
        return begun.isEmpty() ? null : new SessionNote(null, begun);
    }

    /** Notes that the exchange has ended; called before its hold is let go, which settles its writes. */
    void ended(Hold hold) {
        if (reading == null) {
            hold.unsettle(writes);
            return;
        }
        long now = hold.services().waiting().timers().now(TimeUnit.NANOSECONDS);
        if (hold.lease().role() == NodeRole.PRIMARY) {
            reading.readOnPrimary(hold.epoch(), now);
        } else {
            reading.readOnReplica(hold.lease().node(), hold.lease().generation(), hold.epoch(), now);
        }
    }
}
