package io.github.r2dbcrouting.acquiring;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.session.Sessions;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * What a statement is to see, and whose session it is.
 *
 * @param session the session, which is also told of what the statement does; {@code null} for none
 * @param level what a read may observe
 * @param byPosition whether a replica serves it only once that is known to have come far enough
 */
public record SessionView(@Nullable ConsistencySession session, Level level, boolean byPosition) {

    /**
     * Returns the view of a subscriber, or {@code null} if it has no session and asks for nothing that takes positions.
     *
     * @param connection the session of its virtual connection, or {@code null}
     */
    static @Nullable SessionView of(
            Sessions sessions, ContextView context, RoutingHints hints, @Nullable ConsistencySession connection) {
        ConsistencySession own = ConsistencySession.from(context);
        ConsistencySession session = own == null ? connection : own;
        Level level = sessions.level(hints);
        boolean byPosition = sessions.isByPosition(level, session != null);
        return session == null && !byPosition ? null : new SessionView(session, level, byPosition);
    }
}
