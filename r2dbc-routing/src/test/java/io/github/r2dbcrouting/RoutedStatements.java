package io.github.r2dbcrouting;

import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.services.RouteListener;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Flux;

/** Remembers where each statement was sent. */
public final class RoutedStatements implements RouteListener {

    private final List<StatementRoute> routes = new CopyOnWriteArrayList<>();

    @Override
    public void routed(StatementRoute route) {
        routes.add(route);
    }

    /**
     * Returns a builder for a factory over all nodes of a PostgreSQL cluster, each under its own name, that reports here.
     */
    public RoutingConnectionFactoryBuilder over(LocalCluster cluster) {
        return over(cluster, "postgresql");
    }

    /** Returns such a builder for a cluster of the driver's database. */
    public RoutingConnectionFactoryBuilder over(LocalCluster cluster, String driver) {
        RoutingConnectionFactoryBuilder builder = builder(cluster, driver);
        cluster.nodes().forEach(node -> builder.node(node.name(), node.host(), node.port()));
        return builder;
    }

    /** Returns such a builder that reaches each node through its proxy. */
    public RoutingConnectionFactoryBuilder overProxies(LocalCluster cluster, String driver) {
        RoutingConnectionFactoryBuilder builder = builder(cluster, driver);
        cluster.nodes()
                .forEach(node -> builder.node(
                        node.name(), node.proxy().host(), node.proxy().port()));
        return builder;
    }

    private RoutingConnectionFactoryBuilder builder(LocalCluster cluster, String driver) {
        return RoutingConnectionFactory.builder()
                .driver(driver)
                .credentials(cluster.username(), cluster.password())
                .monitorCredentials(cluster.monitorUsername(), cluster.monitorPassword())
                .database(cluster.database())
                // Long enough for a machine that builds and tests at the same time: no test here is about slow probes.
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(10))
                // As long as nobody stops its replay, a replica shows what was written: no test here is about how soon.
                .catchUpTimeout(Duration.ofSeconds(5))
                // By which each replica is certain to get its turn.
                .loadBalancer(LoadBalancer.roundRobin())
                .routeListener(this);
    }

    /** Reads until a replica has answered, and forgets it: on a slow machine a factory may begin with the primary alone. */
    public void awaitReplica(RoutingConnectionFactory factory) {
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            routes.clear();
            Flux.usingWhen(
                            factory.create(),
                            connection -> Flux.from(connection
                                            .createStatement("SELECT 1")
                                            .execute())
                                    .concatMap(Result::getRowsUpdated),
                            Connection::close)
                    .blockLast(Duration.ofSeconds(30));
            return roles().contains(NodeRole.REPLICA);
        });
        routes.clear();
    }

    public List<StatementRoute> all() {
        return List.copyOf(routes);
    }

    /** Returns the roles of the nodes, in the order in which statements were sent to them. */
    public List<NodeRole> roles() {
        return routes.stream().map(StatementRoute::role).toList();
    }

    /** Returns the names of the nodes, in the order in which statements were sent to them. */
    public List<String> nodes() {
        return routes.stream().map(route -> route.node().name()).toList();
    }

    public void clear() {
        routes.clear();
    }
}
