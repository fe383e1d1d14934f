package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.session.Sessions;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * What a statement is to see of a session, and whose session it is.
 *
 * @param session the session, which is also told of what the statement does
 * @param level what a read may observe
 */
record SessionView(ConsistencySession session, Level level) {

    /**
     * Returns the view of a subscriber, or {@code null} if it has no session.
     *
     * @param connection the session of its virtual connection, or {@code null}
     */
    static @Nullable SessionView of(
            Sessions sessions, ContextView context, RoutingHints hints, @Nullable ConsistencySession connection) {
        ConsistencySession own = ConsistencySession.from(context);
        ConsistencySession session = own == null ? connection : own;
        return session == null ? null : new SessionView(session, sessions.level(hints));
    }

    /** Returns whether a read must be shown what the session has seen. */
    boolean isBinding() {
        return level == Level.READ_YOUR_WRITES || level == Level.SESSION;
    }
}
