package io.github.r2dbcrouting;

import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.transaction.Optimism;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Wishes for where statements run and how, for a whole reactive chain: {@code chain.contextWrite(Routing.primary())}. They
 * are read from the subscriber's Reactor Context when a statement is executed or a transaction begins, so that they work
 * through an outer pool too.
 *
 * <p>Each adds to the wishes of the chain around; of two for the same thing the inner one wins, which is the one nearer to the
 * statement. {@link #primary()}, {@link #replica()} and {@link #using(String)} are for the same thing. What is stronger and
 * what is weaker than these wishes, {@code docs/hints.md} says.
 */
public final class Routing {

    private Routing() {}

    /** Sends reads to the primary too. */
    public static Function<Context, Context> primary() {
        return hints(RoutingHints.of(NodeRole.PRIMARY));
    }

    /**
     * Sends to a replica whatever is not surely a write, such as calls of functions that the library does not know; while no
     * replica is eligible it runs on the primary. A transaction begins on a replica, read-only. What surely writes fails before it
     * is sent, with a {@link io.github.r2dbcrouting.error.WriteOnReplicaException}, and so does what the replica refuses: the
     * connection is read-only at the server.
     */
    public static Function<Context, Context> replica() {
        return hints(RoutingHints.of(NodeRole.REPLICA));
    }

    /**
     * Sends everything to one node and to no other: it fails if the node is not usable, or not the primary for a write. Where
     * the node is a replica, a transaction begins read-only.
     *
     * @param node the node's name, {@code host:port} unless it was given another
     */
    public static Function<Context, Context> using(String node) {
        return hints(RoutingHints.of(new NodeId(node)));
    }

    /**
     * Makes statements part of a session: its reads see what it wrote, on whatever node and connection they run, unless they ask
     * for less. They run on a replica as soon as one is known to show it, and on the primary if that takes too long.
     *
     * @param session one object for all chains of the session, also at the same time
     */
    public static Function<Context, Context> session(ConsistencySession session) {
        return context -> context.put(ConsistencySession.CONTEXT_KEY, session);
    }

    /** Says what reads may observe. A write ignores it. */
    public static Function<Context, Context> consistency(Consistency consistency) {
        return hints(RoutingHints.of(consistency));
    }

    /**
     * Reads on replicas of a region while one is eligible, else on those of the next region, else on others, else on the primary.
     * A write ignores it. Beside a {@link #zone} it decides among nodes outside of that, beside a {@link #tag} among those of it.
     *
     * @param regions ones that the factory's nodes were given, the dearest first
     */
    public static Function<Context, Context> region(String... regions) {
        return hints(RoutingHints.of(Places.inRegion(regions)));
    }

    /**
     * Reads on replicas of a zone first, as {@link #region} does on those of a region.
     *
     * @param zones ones that the factory's nodes were given, the dearest first
     */
    public static Function<Context, Context> zone(String... zones) {
        return hints(RoutingHints.of(Places.inZone(zones)));
    }

    /**
     * Reads on replicas with a tag first, as {@link #region} does on those of a region; a tag comes before any zone or region.
     *
     * @param tags ones that the factory's nodes were given, the dearest first
     */
    public static Function<Context, Context> tag(String... tags) {
        return hints(RoutingHints.of(Places.tagged(tags)));
    }

    /**
     * Sets how far a replica may be behind to serve reads, more or less than the factory allows. A write ignores it.
     *
     * @param maxLag positive
     */
    public static Function<Context, Context> maxLag(Duration maxLag) {
        return hints(RoutingHints.ofMaxLag(maxLag));
    }

    /**
     * Has each decision explained just before its statement is sent, on the path of the statement: the consumer must not block.
     * If it throws, that is logged and the statement goes on.
     */
    public static Function<Context, Context> explain(Consumer<? super RouteDecision> consumer) {
        return hints(RoutingHints.explainedTo(consumer));
    }

    /** Says that a write may be sent again when it is not known whether it took effect. */
    public static Function<Context, Context> idempotent() {
        return hints(RoutingHints.IDEMPOTENT);
    }

    /** Takes back all wishes of the chain around. */
    public static Function<Context, Context> unhinted() {
        return context -> context.put(RoutingHints.CONTEXT_KEY, RoutingHints.NONE);
    }

    /**
     * Says whether transactions that begin in the chain are optimistic: begun on a replica though they may write, and moved to
     * the primary with their first write. A definition's own attribute {@code optimistic} counts more.
     */
    public static Function<Context, Context> optimistic(boolean optimistic) {
        return context -> context.put(Optimism.CONTEXT_KEY, optimistic);
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
        return context -> context.put(RoutingHints.CONTEXT_KEY, hints.or(RoutingHints.from(context)));
    }
}
