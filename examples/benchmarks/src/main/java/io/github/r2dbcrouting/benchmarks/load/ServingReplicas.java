package io.github.r2dbcrouting.benchmarks.load;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** Waits until all replicas are known to serve: else the first reads fall back to the primary, which has few connections for them. */
public final class ServingReplicas {

    public static final Duration OPENING_TIME = Duration.ofSeconds(30);

    private ServingReplicas() {}

    public static void await(RoutingConnectionFactory factory, int replicas) {
        Mono.usingWhen(
                        factory.create(),
                        connection -> factory.topology()
                                .filter(topology -> topology.nodes().stream()
                                                .filter(ServingReplicas::serves)
                                                .count()
                                        == replicas)
                                .next(),
                        Connection::close)
                .block(OPENING_TIME);
    }

    private static boolean serves(NodeState node) {
        Replication sample = node.replication();
        return node.role() == NodeRole.REPLICA
                && node.health() == NodeHealth.HEALTHY
                && sample != null
                && sample.lag() != null;
    }
}
