package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.cluster.TcpProxy;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;

/** What balancers make of real replicas. */
class BalancingTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int READS = 40;

    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    @AfterEach
    void close() {
        CLUSTER.cluster().replicas().forEach(replica -> replica.proxy().heal());
        factory.close().block(LIMIT);
    }

    @Test
    void shouldKeepAwayFromAReplicaBehindASlowNetwork() {
        TcpProxy slow = CLUSTER.cluster().replicas().get(0).proxy();
        slow.latency(Duration.ofMillis(100));
        factory = routed.overProxies(CLUSTER.cluster(), "postgresql")
                .loadBalancer(LoadBalancer.adaptive())
                .build();
        // Until something is known of each replica, chance decides.
        while (routed.nodes().stream().distinct().count() < 2) {
            read();
        }
        routed.clear();
        for (int i = 0; i < READS; i++) {
            read();
        }
        String slowNode = CLUSTER.cluster().replicas().get(0).name();
        assertThat(Collections.frequency(routed.nodes(), slowNode)).isLessThan(READS / 4);
        assertThat(factory.balancerFailures()).isZero();
    }

    @Test
    void shouldServeReadsThoughTheUsersBalancerThrows() {
        factory = routed.over(CLUSTER.cluster())
                .loadBalancer(candidates -> {
                    throw new IllegalStateException("no idea");
                })
                .build();
        read();
        read();
        assertThat(routed.roles()).containsExactly(NodeRole.REPLICA, NodeRole.REPLICA);
        assertThat(factory.balancerFailures()).isEqualTo(2);
    }

    private void read() {
        Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(
                                        connection.createStatement("SELECT 1").execute())
                                .flatMap(result -> result.map((row, metadata) -> row.get(0))),
                        Connection::close)
                .blockLast(LIMIT);
    }
}
