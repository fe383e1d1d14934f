package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.error.NoEligibleNodeException;
import io.github.r2dbcrouting.error.StartupException;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How a factory begins while nodes are down, how it comes alive when they do, and how it ends. */
class StartupTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final RoutedStatements routed = new RoutedStatements();
    private final RoutingConnectionFactory factory = routed.over(CLUSTER.cluster())
            .probeInterval(Duration.ofMillis(100))
            .option(RoutingOptions.STARTUP_TIMEOUT, Duration.ofSeconds(10))
            .option(RoutingOptions.ACQUIRE_TIMEOUT, Duration.ofMillis(500))
            .build();

    @AfterEach
    void heal() {
        factory.close().block(LIMIT);
        CLUSTER.cluster().nodes().stream().filter(node -> !node.isRunning()).forEach(ClusterNode::start);
    }

    @Test
    void shouldReadWhileThePrimaryIsDownAndWriteOnceItIsBack() {
        ClusterNode primary = CLUSTER.cluster().primary();
        primary.stop();
        assertThat(read().block(LIMIT)).isEqualTo(1);
        assertThat(routed.roles()).containsOnly(NodeRole.REPLICA);
        assertThatThrownBy(() -> write().block(LIMIT))
                .isInstanceOf(NoEligibleNodeException.class)
                .hasMessageContaining("no primary")
                .hasMessageContaining(primary.name() + " unhealthy");
        primary.start();
        await().atMost(LIMIT).until(() -> factory.currentTopology().primary() != null);
        write().block(LIMIT);
    }

    @Test
    void shouldHoldAWriteUntilThePrimaryIsBack() {
        ClusterNode primary = CLUSTER.cluster().primary();
        primary.stop();
        RoutingConnectionFactory patient = routed.over(CLUSTER.cluster())
                .probeInterval(Duration.ofMillis(100))
                .option(RoutingOptions.ACQUIRE_TIMEOUT, LIMIT)
                .build();
        try {
            var written = write(patient).toFuture();
            await().atMost(LIMIT).until(() -> patient.currentTopology().isUsable());
            assertThat(written).isNotDone();
            primary.start();
            Mono.fromFuture(written).block(LIMIT);
        } finally {
            patient.close().block(LIMIT);
        }
    }

    @Test
    void shouldServeReadsOnThePrimaryWhileEveryReplicaIsDown() {
        CLUSTER.cluster().replicas().forEach(ClusterNode::stop);
        assertThat(read().block(LIMIT)).isEqualTo(1);
        assertThat(routed.roles()).containsOnly(NodeRole.PRIMARY);
    }

    @Test
    void shouldNameEachNodesErrorWhenAllAreDownAndComeAliveWhenTheyDo() {
        List<ClusterNode> nodes = CLUSTER.cluster().nodes();
        nodes.forEach(ClusterNode::stop);
        assertThatThrownBy(() -> read().block(LIMIT))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("10000 ms")
                .hasMessageContaining("node1: ")
                .hasMessageContaining("node2: ")
                .hasMessageContaining("node3: ")
                .hasMessageContaining("refused");
        nodes.forEach(ClusterNode::start);
        await().atMost(LIMIT).until(() -> factory.currentTopology().isUsable());
        assertThat(read().block(LIMIT)).isEqualTo(1);
    }

    @Test
    void shouldFollowWhenSomebodyElsePromotesAReplica() {
        LocalCluster cluster = CLUSTER.cluster();
        ClusterNode old = cluster.primary();
        write().block(LIMIT);
        long epoch = factory.currentTopology().epoch();
        old.kill();
        ClusterNode next = cluster.replicas().get(0);
        cluster.promote(next);
        await().atMost(LIMIT)
                .until(() -> factory.currentTopology().primary() != null
                        && factory.currentTopology().primary().id().name().equals(next.name()));
        assertThat(factory.currentTopology().epoch()).isGreaterThan(epoch);
        routed.clear();
        write().block(LIMIT);
        assertThat(routed.nodes()).containsExactly(next.name());
        cluster.rejoin(old);
    }

    @Test
    void shouldLeaveNoSessionAndNoThreadWhenClosed() {
        read().block(LIMIT);
        factory.close().block(LIMIT);
        await().atMost(LIMIT)
                .until(() -> CLUSTER.cluster().nodes().stream()
                        .allMatch(node -> sessions(node).isEmpty()));
        await().atMost(LIMIT)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("r2dbc-routing")));
        assertThatThrownBy(() -> read().block(LIMIT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void shouldRestWhenUnusedAndWakeWhenUsedAgain() {
        RoutingConnectionFactory idle = routed.over(CLUSTER.cluster())
                .option(RoutingOptions.IDLE_TIMEOUT, Duration.ofMillis(200))
                .build();
        try {
            read(idle).block(LIMIT);
            await().atMost(LIMIT)
                    .until(() -> CLUSTER.cluster().nodes().stream()
                            .allMatch(node -> sessions(node).isEmpty()));
            assertThat(read(idle).block(LIMIT)).isEqualTo(1);
        } finally {
            idle.close().block(LIMIT);
        }
    }

    private static List<?> sessions(ClusterNode node) {
        return node.query("SELECT pid FROM pg_stat_activity WHERE usename IN ('app', 'monitor')");
    }

    private Mono<Integer> read() {
        return read(factory);
    }

    private static Mono<Integer> read(RoutingConnectionFactory from) {
        return Mono.usingWhen(
                from.create(),
                connection -> Flux.from(connection.createStatement("SELECT 1").execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0, Integer.class)))
                        .single(),
                Connection::close);
    }

    private Mono<Void> write() {
        return write(factory);
    }

    private static Mono<Void> write(RoutingConnectionFactory to) {
        return Mono.usingWhen(
                to.create(),
                connection -> Flux.from(connection
                                .createStatement("CREATE TABLE IF NOT EXISTS written (id int)")
                                .execute())
                        .concatMap(Result::getRowsUpdated)
                        .then(),
                Connection::close);
    }
}
