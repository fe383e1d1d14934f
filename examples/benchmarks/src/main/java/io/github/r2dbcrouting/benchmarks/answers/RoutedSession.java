package io.github.r2dbcrouting.benchmarks.answers;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.ConnectionFactory;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** A session through the router. */
final class RoutedSession implements SessionRows {

    private final ConnectionFactory factory;
    private final VersionedRows rows;
    private final Function<Context, Context> hints;

    private RoutedSession(ConnectionFactory factory, VersionedRows rows, Function<Context, Context> hints) {
        this.factory = factory;
        this.rows = rows;
        this.hints = hints;
    }

    /** Returns what plain code does: the factory decides whose writes it sees. */
    static RoutedSession plain(ConnectionFactory factory, VersionedRows rows) {
        return new RoutedSession(factory, rows, context -> context);
    }

    /** Returns a new session in the context. */
    static RoutedSession ofChain(ConnectionFactory factory, VersionedRows rows) {
        ConsistencySession session = ConsistencySession.create();
        return new RoutedSession(
                factory, rows, Routing.session(session).andThen(Routing.consistency(Consistency.readYourWrites())));
    }

    @Override
    public Mono<Void> write(int key, long version) {
        return VersionedRows.on(factory, connection -> rows.write(connection, key, version))
                .contextWrite(hints::apply);
    }

    @Override
    public Mono<Seen> read(int key) {
        return Mono.defer(() -> {
            Place place = new Place();
            return VersionedRows.on(factory, connection -> rows.read(connection, key))
                    .map(version -> new Seen(version, place.isReplica()))
                    .contextWrite(hints.andThen(Routing.explain(decision -> place.node = decision.node()))::apply);
        });
    }

    /** Where a read went. */
    private static final class Place {

        private volatile @Nullable NodeState node;

        boolean isReplica() {
            NodeState last = node;
            return last != null && last.role() == NodeRole.REPLICA;
        }
    }
}
