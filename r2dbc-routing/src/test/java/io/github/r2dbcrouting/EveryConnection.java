package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Flux;

/** All connections of a node's pool at the same time: one that was not given back is missed. */
final class EveryConnection {

    private EveryConnection() {}

    /** Takes them and gives them back. */
    static void take(RoutingConnectionFactory factory, ClusterNode node, int maxSize, Duration limit) {
        List<RoutingConnection> all = Flux.range(0, maxSize)
                .flatMap(number -> factory.create())
                .delayUntil(connection -> connection.beginTransaction(ReadOnly.TRANSACTION))
                .collectList()
                .contextWrite(Routing.using(node.name()))
                .block(limit);
        Flux.fromIterable(all).flatMap(Connection::close).blockLast(limit);
    }
}
