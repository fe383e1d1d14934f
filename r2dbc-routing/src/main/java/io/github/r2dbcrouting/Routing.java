package io.github.r2dbcrouting;

import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Wrapped;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Wishes for where statements run, for a whole reactive chain: {@code chain.contextWrite(Routing.primary())}. They are
 * read from the subscriber's Reactor Context when a statement is executed or a transaction begins. The innermost wish
 * wins.
 */
public final class Routing {

    private Routing() {}

    /** Sends reads to the primary too. */
    public static Function<Context, Context> primary() {
        return hints(RoutingHints.of(NodeRole.PRIMARY));
    }

    /**
     * Sends to a replica whatever is not surely a write, such as calls of functions that the library does not know. The
     * connection is read-only at the server, so that what writes nevertheless is refused there; outside a transaction it then
     * runs on the primary, as it does while no replica is eligible.
     */
    public static Function<Context, Context> replica() {
        return hints(RoutingHints.of(NodeRole.REPLICA));
    }

    /**
     * Sends everything to one node and to no other: it fails if the node is not usable, or not the primary for a write.
     *
     * @param node the node's name, {@code host:port} unless it was given another
     */
    public static Function<Context, Context> using(String node) {
        return hints(RoutingHints.of(new NodeId(node)));
    }

    /** Takes back the wishes of the chain around. */
    public static Function<Context, Context> unhinted() {
        return hints(RoutingHints.NONE);
    }

    /**
     * Pins a node to a connection and returns the driver's own, for LISTEN, COPY and the like; see
     * {@link RoutingConnection#pinned}.
     *
     * @param connection a connection of a routing factory, also one that a pool or a proxy has wrapped
     * @return a cold {@link Mono}; it fails with an {@link IllegalArgumentException} if there is no routing connection
     *     inside
     */
    public static <T> Mono<T> pinned(Connection connection, NodeRole role, Class<T> type) {
        if (connection instanceof RoutingConnection routing) {
            return routing.pinned(role, type);
        }
        return connection instanceof Wrapped<?> wrapped && wrapped.unwrap() instanceof Connection inner
                ? pinned(inner, role, type)
                : Mono.error(new IllegalArgumentException("not a connection of a routing factory: "
                        + connection.getClass().getName()));
    }

    private static Function<Context, Context> hints(RoutingHints hints) {
        return context -> context.put(RoutingHints.CONTEXT_KEY, hints);
    }
}
