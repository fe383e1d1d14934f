package io.github.r2dbcrouting.benchmarks.load;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An r2dbc-pool for each node, and nothing else: what those have who route by themselves. */
public final class DirectPools {

    /** Connections of each pool: fewer than the most concurrent callers, so that what waiting costs is seen too. */
    public static final int POOL_SIZE = 16;

    private static final Duration OPENING_TIME = Duration.ofSeconds(30);

    private final ConnectionPool primary;
    private final List<ConnectionPool> replicas;
    private final AtomicInteger turn = new AtomicInteger();

    public DirectPools(LocalCluster cluster, Database database) {
        primary = pool(cluster, cluster.primary(), database);
        replicas = cluster.replicas().stream()
                .map(node -> pool(cluster, node, database))
                .toList();
    }

    /** Opens it, too. Everything but the size is as r2dbc-pool comes: it does less than the router's pools, which time acquisitions. */
    public static ConnectionPool pool(LocalCluster cluster, ClusterNode node, Database database) {
        ConnectionFactory driver = ConnectionFactories.get(ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, database.toString())
                .option(ConnectionFactoryOptions.HOST, node.host())
                .option(ConnectionFactoryOptions.PORT, node.port())
                .option(ConnectionFactoryOptions.DATABASE, cluster.database())
                .option(ConnectionFactoryOptions.USER, cluster.username())
                .option(ConnectionFactoryOptions.PASSWORD, cluster.password())
                .build());
        ConnectionPool pool = new ConnectionPool(
                ConnectionPoolConfiguration.builder(driver).maxSize(POOL_SIZE).build());
        pool.warmup().block(OPENING_TIME);
        return pool;
    }

    public ConnectionFactory primary() {
        return primary;
    }

    public List<ConnectionPool> replicas() {
        return replicas;
    }

    /** Returns one replica after the other. */
    public ConnectionFactory nextReplica() {
        return replicas.get(Math.floorMod(turn.getAndIncrement(), replicas.size()));
    }

    public Mono<Void> close() {
        return Flux.concat(Flux.just(primary), Flux.fromIterable(replicas))
                .flatMap(ConnectionPool::close)
                .then();
    }
}
