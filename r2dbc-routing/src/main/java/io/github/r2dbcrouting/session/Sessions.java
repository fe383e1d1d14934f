package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import io.github.r2dbcrouting.settings.ConsistencySettings.StrongReads;
import org.jspecify.annotations.Nullable;

/**
 * Whose session a statement belongs to: the one in its context; else that of its virtual connection or of the factory, as the factory
 * is set to.
 */
public final class Sessions {

    private final ConsistencySettings settings;
    private final @Nullable Consistency byDefault;
    private final CatchUp catchUp;
    private final @Nullable ConsistencySession shared;

    /**
     * Creates the sessions of a factory.
     *
     * @param byDefault what a read may observe that asks for nothing, or {@code null} for what its session has seen, if it has one
     */
    public Sessions(ConsistencySettings settings, @Nullable Consistency byDefault, CatchUp catchUp) {
        this.settings = settings;
        this.byDefault = byDefault;
        this.catchUp = catchUp;
        this.shared = settings.scope() == SessionScope.FACTORY ? ConsistencySession.createShared() : null;
    }

    /** Returns what decides on reads that must see what their session has seen. */
    public CatchUp catchUp() {
        return catchUp;
    }

    /** Returns the session of a new virtual connection, which is that of the factory if all share one; {@code null} for none. */
    public @Nullable ConsistencySession ofConnection() {
        return settings.scope() == SessionScope.CONNECTION ? ConsistencySession.create() : shared;
    }

    /**
     * Returns whether a level takes knowing positions.
     *
     * @param session whether there is a session
     */
    public boolean isByPosition(Level level, boolean session) {
        return switch (level) {
            case EVENTUAL, BOUNDED -> false;
            case READ_YOUR_WRITES, SESSION -> session;
            case STRONG -> settings.strongReads() == StrongReads.REPLICA;
        };
    }

    /**
     * Returns what a read of a session may observe.
     *
     * @param hints what it asks for
     */
    public Level level(RoutingHints hints) {
        if (hints.consistency() == null && hints.node() != null) {
            // Who names a node wants to see what that shows.
            return Level.EVENTUAL;
        }
        Consistency asked = hints.consistency() == null ? byDefault : hints.consistency();
        if (asked == null) {
            return Level.READ_YOUR_WRITES;
        }
        // A default that only the primary gives does not hold where the hints say where; what the session has seen
        // does.
        boolean elsewhere = hints.consistency() == null && hints.sayWhere() && asked.level() == Level.STRONG;
        return elsewhere ? Level.SESSION : asked.level();
    }

    /** Returns the session of the factory, which hears of the writes of all others too; {@code null} if it has none. */
    public @Nullable ConsistencySession shared() {
        return shared;
    }
}
