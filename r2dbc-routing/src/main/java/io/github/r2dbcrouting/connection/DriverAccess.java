package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.acquiring.SessionView;
import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.virtual.OptimisticTransaction;
import io.github.r2dbcrouting.virtual.VirtualSession;
import io.r2dbc.spi.Connection;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * Hands out the driver's own connection, which must be pinned for it. Nobody can know what is done with one then, so it is
 * closed when its virtual connection ends.
 */
final class DriverAccess {

    private final VirtualSession session;

    DriverAccess(VirtualSession session) {
        this.session = session;
    }

    /** Pins a connection to a node of a role, if none is pinned yet, and returns the driver's. */
    <T> Mono<T> pinned(NodeRole role, Class<T> type) {
        return Mono.deferContextual(context -> {
            OptimisticTransaction optimistic = session.optimistic();
            if (optimistic != null) {
                return optimistic.move().then(pinned(role, type));
            }
            boolean fresh = session.pinned() == null;
            return session.pin(wanted(role, RoutingHints.from(context).or(session.factoryHints())))
                    .flatMap(hold -> {
                        Connection driver = hold.connection().driver();
                        boolean fits = hold.lease().role() == role && type.isInstance(driver);
                        if (fits) {
                            hold.handOut(view(context));
                        } else if (fresh) {
                            session.unpin(hold);
                        }
                        hold.release();
                        return fits ? Mono.just(type.cast(driver)) : Mono.error(unfit(hold, role, type));
                    });
        });
    }

    private @Nullable ConsistencySession view(ContextView context) {
        SessionView view = session.deciding().view(context, RoutingHints.from(context));
        return view == null ? null : view.session();
    }

    private static Want wanted(NodeRole role, RoutingHints hints) {
        NodeId named = hints.node();
        RoutingHints where = named == null ? RoutingHints.of(role) : RoutingHints.of(named);
        return Want.of("PIN", role == NodeRole.PRIMARY ? Access.WRITE : Access.READ, where);
    }

    private static RuntimeException unfit(Hold hold, NodeRole role, Class<?> type) {
        return hold.lease().role() == role
                ? new IllegalArgumentException("the driver's connection is a "
                        + hold.connection().driver().getClass().getName() + ", not a " + type.getName())
                : new IllegalStateException("a connection to " + hold.lease().role() + " "
                        + hold.lease().node() + " is pinned already, or no " + role + " is eligible");
    }

    Connection connection() {
        Connection driver = connection(Connection.class);
        if (driver == null) {
            throw new IllegalStateException(
                    "no physical connection is pinned; begin a transaction, or use pinned(role, type)");
        }
        return driver;
    }

    /** Returns the driver's connection if one of this type is pinned, else {@code null}. */
    <T> @Nullable T connection(Class<T> type) {
        Hold pinned = session.pinned();
        if (pinned == null || !type.isInstance(pinned.connection().driver())) {
            return null;
        }
        pinned.handOut(null);
        return type.cast(pinned.connection().driver());
    }
}
