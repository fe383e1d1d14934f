package io.github.r2dbcrouting.history;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import reactor.util.context.Context;

/** How statements are told what they may observe: by the Reactor Context that they are subscribed to with. */
public interface SessionHints {

    /** Makes statements part of a session that has written and read nothing yet, at the level that is tested. */
    UnaryOperator<Context> newSession();

    /** Has a statement of any session show the latest. */
    Context latest(Context context);

    /** Has a statement tell where it was sent, each time that it is. */
    Context noting(Context context, Consumer<String> node);
}
