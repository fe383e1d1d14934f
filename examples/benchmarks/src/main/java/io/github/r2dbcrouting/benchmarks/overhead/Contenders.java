package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.DirectPools;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** The connection factories that are compared, all over the same node and with pools of the same size. */
final class Contenders implements AutoCloseable {

    private static final Duration CLOSE_TIME = Duration.ofSeconds(10);

    private final ConnectionPool direct;
    private final ConnectionPool control;
    private final RoutingConnectionFactory routed;

    Contenders(LocalCluster cluster, Database database) {
        direct = DirectPools.pool(cluster, cluster.primary(), database);
        control = DirectPools.pool(cluster, cluster.primary(), database);
        ClusterNode node = cluster.primary();
        routed = RoutingConnectionFactory.builder()
                .driver(database.toString())
                .node(node.host(), node.port())
                .database(cluster.database())
                .credentials(cluster.username(), cluster.password())
                .monitorCredentials(cluster.monitorUsername(), cluster.monitorPassword())
                .maxSize(DirectPools.POOL_SIZE)
                .build();
    }

    ConnectionFactory factory(Contender contender) {
        return switch (contender) {
            case DIRECT -> direct;
            case CONTROL -> control;
            case ROUTED -> routed;
        };
    }

    @Override
    public void close() {
        Mono.whenDelayError(direct.close(), control.close(), routed.close()).block(CLOSE_TIME);
    }
}
