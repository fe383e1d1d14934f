package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.error.NoEligibleNodeException;
import io.github.r2dbcrouting.selection.ReadPreference;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What reads see when replicas die, restart, change role or fall behind. */
class ReplicaFaultTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    @BeforeEach
    void open() {
        factory = routed.over(CLUSTER.cluster())
                .maxLag(Duration.ofSeconds(2))
                .probeInterval(Duration.ofMillis(100))
                .build();
        read(1).block(LIMIT);
        awaitEveryNodeHealthy();
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @Test
    void shouldFailNoReadWhenAReplicaIsKilledUnderLoadAndTakeItBackWhenItReturns() {
        ClusterNode victim = CLUSTER.cluster().replicas().get(0);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger done = new AtomicInteger();
        Mono<Void> load = Flux.range(0, 8)
                .flatMap(
                        worker -> read(worker)
                                .doOnNext(row -> done.incrementAndGet())
                                .repeat(() -> !stop.get()),
                        8)
                .then();
        var running = load.toFuture();
        await().atMost(LIMIT).until(() -> done.get() > 200);
        victim.kill();
        int atDeath = done.get();
        await().atMost(LIMIT).until(() -> done.get() > atDeath + 500);
        assertThat(state(victim).health()).isEqualTo(NodeHealth.UNHEALTHY);
        victim.start();
        awaitEveryNodeHealthy();
        routed.clear();
        await().atMost(LIMIT).until(() -> routed.nodes().contains(victim.name()));
        stop.set(true);
        Mono.fromFuture(running).block(LIMIT);
    }

    @Test
    void shouldReadOnThePrimaryWhenEveryReplicaIsDown() {
        List<ClusterNode> replicas = CLUSTER.cluster().replicas();
        replicas.forEach(ClusterNode::kill);
        try {
            routed.clear();
            assertThat(read(7).block(LIMIT)).isEqualTo(7);
            assertThat(routed.roles()).endsWith(NodeRole.PRIMARY);
            refuseWithoutFallback();
        } finally {
            replicas.forEach(ClusterNode::start);
        }
        awaitEveryNodeHealthy();
    }

    private static void refuseWithoutFallback() {
        RoutingConnectionFactory strict = new RoutedStatements()
                .over(CLUSTER.cluster())
                .readPreference(ReadPreference.REPLICA)
                .build();
        try {
            assertThatThrownBy(() -> query(strict, "SELECT 1").block(LIMIT))
                    .isInstanceOf(NoEligibleNodeException.class)
                    .hasMessageContaining("fallback to the primary is off");
        } finally {
            strict.close().block(LIMIT);
        }
    }

    @Test
    void shouldLeaveOutAReplicaThatIsTooFarBehind() {
        ClusterNode laggard = CLUSTER.cluster().replicas().get(0);
        laggard.pauseReplay();
        try {
            await().atMost(LIMIT).until(() -> {
                CLUSTER.cluster().execute("CREATE TABLE IF NOT EXISTS tick (id int); INSERT INTO tick VALUES (1)");
                return factory.explain("SELECT 1")
                        .verdicts()
                        .get(new NodeId(laggard.name()))
                        .contains("lag");
            });
            routed.clear();
            for (int i = 0; i < 6; i++) {
                read(i).block(LIMIT);
            }
            assertThat(routed.nodes()).doesNotContain(laggard.name());
        } finally {
            laggard.resumeReplay();
        }
        awaitEveryNodeHealthy();
    }

    @Test
    void shouldNotSeeLagWhileThePrimaryIsIdle() {
        for (int i = 0; i < 30; i++) {
            long epoch = factory.currentTopology().epoch();
            factory.topology().take(3).blockLast(LIMIT);
            assertThat(factory.currentTopology().epoch()).isEqualTo(epoch);
            assertThat(factory.currentTopology().nodes()).allSatisfy(node -> {
                assertThat(node.replication()).isNotNull();
                assertThat(node.replication().lag()).isNotNull().isLessThan(Duration.ofSeconds(2));
            });
        }
    }

    @Test
    void shouldHandOutNoConnectionOfAnOlderLifeOfANode() {
        ClusterNode replica = CLUSTER.cluster().replicas().get(0);
        long before = state(replica).generation();
        Integer pid = backend(replica).block(LIMIT);
        replica.restart();
        await().atMost(LIMIT)
                .until(() ->
                        state(replica).generation() > before && state(replica).isUsable());
        assertThat(backend(replica).block(LIMIT)).isNotEqualTo(pid);
    }

    private Mono<Integer> backend(ClusterNode node) {
        return query("SELECT pg_backend_pid()").contextWrite(Routing.using(node.name()));
    }

    private Mono<Integer> read(int value) {
        return query("SELECT " + value);
    }

    private Mono<Integer> query(String sql) {
        return query(factory, sql);
    }

    private static Mono<Integer> query(RoutingConnectionFactory from, String sql) {
        return Mono.usingWhen(
                from.create(),
                connection -> Flux.from(connection.createStatement(sql).execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0, Integer.class)))
                        .single(),
                Connection::close);
    }

    private NodeState state(ClusterNode node) {
        return factory.currentTopology().nodes().stream()
                .filter(state -> state.id().name().equals(node.name()))
                .findFirst()
                .orElseThrow();
    }

    private void awaitEveryNodeHealthy() {
        await().atMost(LIMIT)
                .until(() -> factory.currentTopology().nodes().stream()
                        .allMatch(node -> node.health() == NodeHealth.HEALTHY
                                && node.replication() != null
                                && node.replication().lag() != null
                                && node.replication().lag().compareTo(Duration.ofSeconds(1)) < 0));
    }
}
