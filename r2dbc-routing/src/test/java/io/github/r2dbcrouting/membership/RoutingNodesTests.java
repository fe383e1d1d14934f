package io.github.r2dbcrouting.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.DatabaseClusters;
import io.github.r2dbcrouting.DatabaseKind;
import io.github.r2dbcrouting.ReadOnly;
import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingConnectionFactoryBuilder;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.membership.DrainProgress.Phase;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class RoutingNodesTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final RoutedStatements routed = new RoutedStatements();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeNodesInAndOutWithoutAFailedStatement(DatabaseKind database) {
        open(database, 1);
        ClusterNode first = cluster.replicas().get(0);
        ClusterNode second = cluster.replicas().get(1);
        cluster.execute("CREATE TABLE IF NOT EXISTS visit (id int PRIMARY KEY, n int)");
        cluster.execute("DELETE FROM visit");
        cluster.execute("INSERT INTO visit VALUES (0, 0), (1, 0), (2, 0), (3, 0)");
        cluster.awaitReplication();
        routed.awaitReplica(factory);
        Traffic traffic = new Traffic(factory);
        try (traffic) {
            NodeState added = factory.nodes().add(settings(second)).block(LIMIT);
            assertThat(added.isUsable()).isTrue();
            assertThat(added.role()).isEqualTo(NodeRole.REPLICA);
            awaitReadsOn(second);

            List<DrainProgress> progress =
                    factory.nodes().drain(first.name(), LIMIT).collectList().block(LIMIT);
            assertThat(progress.get(progress.size() - 1).phase()).isEqualTo(Phase.DRAINED);
            assertThat(factory.nodes().drained()).containsExactly(first.name());
            routed.clear();
            awaitReadsOn(second);
            assertThat(routed.nodes()).doesNotContain(first.name());

            factory.nodes().resume(first.name()).block(LIMIT);
            awaitReadsOn(first);
            factory.nodes().remove(first.name(), LIMIT).block(LIMIT);
            assertThat(factory.currentTopology().node(new NodeId(first.name()))).isNull();
            routed.clear();
            awaitReadsOn(second);
            assertThat(routed.nodes()).doesNotContain(first.name());

            factory.nodes().add(settings(first)).block(LIMIT);
            awaitReadsOn(first);
        }
        assertThat(traffic.failures()).isEmpty();
        assertThat(traffic.statements()).isPositive();
        factory.nodes().remove(first.name(), LIMIT).block(LIMIT);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(sessions(database, first)).isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayWhatIsStillInUseAndKeepTheNodeUntilItIsGivenBack(DatabaseKind database) {
        open(database, 2);
        routed.awaitReplica(factory);
        RoutingConnection reader = factory.create().block(LIMIT);
        String node = beginToRead(reader);

        List<DrainProgress> progress = factory.nodes()
                .drain(node, Duration.ofMillis(200))
                .collectList()
                .block(LIMIT);
        assertThat(progress).extracting(DrainProgress::phase).containsExactly(Phase.WAITING, Phase.OVERDUE);
        assertThat(progress.get(1).lent()).isEqualTo(1);
        assertThatThrownBy(() -> factory.nodes().remove(node, Duration.ZERO).block(LIMIT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageMatching(
                        "node " + node + " cannot be removed yet: 1 connections are still in use after 0 ms, "
                                + "\\[connection \\d+ of node " + node
                                + "]; it stays drained: remove it later, or cut them off with drainHard");

        read(reader, "SELECT 1");
        Mono.from(reader.rollbackTransaction()).block(LIMIT);
        Mono.from(reader.close()).block(LIMIT);
        assertThat(factory.nodes().drain(node, LIMIT).blockLast(LIMIT).phase()).isEqualTo(Phase.DRAINED);
        factory.nodes().remove(node).block(LIMIT);
        assertThat(factory.currentTopology().nodes()).hasSize(2);
        assertThat(factory.nodes().drained()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void shouldCutOffWhatIsInUseWhenItIsAskedTo(DatabaseKind database) {
        open(database, 2);
        routed.awaitReplica(factory);
        RoutingConnection reader = factory.create().block(LIMIT);
        String node = beginToRead(reader);

        List<DrainProgress> progress = factory.nodes()
                .drainHard(node, Duration.ofMillis(200))
                .collectList()
                .block(LIMIT);
        assertThat(progress.get(progress.size() - 1).phase()).isEqualTo(Phase.CUT_OFF);
        assertThatThrownBy(() -> read(reader, "SELECT 1"))
                .hasStackTraceContaining("node " + node + " was drained and it did not end within 200 ms");
        Mono.from(reader.close()).onErrorComplete().block(LIMIT);
        assertThat(factory.nodes().drain(node, LIMIT).blockLast(LIMIT).phase()).isEqualTo(Phase.DRAINED);
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseWhatWouldLeaveNothingToWorkWith(DatabaseKind database) {
        open(database, 1);
        routed.awaitReplica(factory);
        String primary = cluster.primary().name();
        String remedy = ": it is the primary, and writes have nowhere else to go; switch over to another node first";
        assertThatThrownBy(() -> factory.nodes().drain(primary, LIMIT).blockLast(LIMIT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("node " + primary + " cannot be drained" + remedy);
        assertThatThrownBy(() -> factory.nodes().remove(primary).block(LIMIT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("node " + primary + " cannot be drained" + remedy);
        assertThatThrownBy(() -> factory.nodes().remove("nobody").block(LIMIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no node is named 'nobody'; use one of " + primary + ", "
                        + cluster.replicas().get(0).name());
        assertThatThrownBy(
                        () -> factory.nodes().add(settings(cluster.primary())).block(LIMIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one of this name is there");
        ClusterNode other = cluster.primary();
        assertThatThrownBy(() -> factory.nodes().add(other.host(), other.port()).block(LIMIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is that of node " + primary);
        assertThat(factory.nodes().drained()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseATimeThatNobodyCanWaitBeforeAnythingIsDrained(DatabaseKind database) {
        open(database, 1);
        routed.awaitReplica(factory);
        String replica = cluster.replicas().get(0).name();
        for (Duration absurd : List.of(Duration.ofSeconds(Long.MAX_VALUE), Duration.ofNanos(-1))) {
            for (Publisher<?> refused : List.of(
                    factory.nodes().drain(replica, absurd),
                    factory.nodes().drainHard(replica, absurd),
                    factory.nodes().remove(replica, absurd))) {
                assertThatThrownBy(() -> Flux.from(refused).blockLast(LIMIT))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("the timeout for draining node " + replica + " cannot be " + absurd
                                + ": give a duration from zero to PT876000H, a hundred years");
            }
        }
        assertThat(factory.nodes().drained()).isEmpty();
        assertThat(factory.currentTopology().nodes()).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowChangesInTheNextSnapshot(DatabaseKind database) {
        open(database, 1);
        routed.awaitReplica(factory);
        String replica = cluster.replicas().get(0).name();
        factory.nodes()
                .weight(replica, 5)
                .then(factory.nodes().priority(replica, 2))
                .then(factory.nodes().cost(replica, 1.5))
                .then(factory.nodes().tags(replica, "analytics"))
                .then(factory.nodes().region(replica, "eu"))
                .then(factory.nodes().zone(replica, "eu-a"))
                .block(LIMIT);

        NodeSettings changed =
                factory.currentTopology().node(new NodeId(replica)).settings();
        assertThat(changed.share()).hasToString("NodeShare[weight=5, priority=2, cost=1.5]");
        assertThat(changed.placement()).hasToString("Placement[region=eu, zone=eu-a, tags=[analytics]]");
        assertThatThrownBy(() -> factory.nodes().weight(replica, -1).block(LIMIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("weight must be 1 to 1000, got -1");
    }

    private void open(DatabaseKind database, int replicas) {
        cluster = CLUSTERS.of(database);
        RoutingConnectionFactoryBuilder builder = RoutingConnectionFactory.builder()
                .driver(database.driver)
                .credentials(cluster.username(), cluster.password())
                .monitorCredentials(cluster.monitorUsername(), cluster.monitorPassword())
                .database(cluster.database())
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(10))
                .probeInterval(Duration.ofMillis(100))
                .maxLag(Duration.ofSeconds(30))
                .routeListener(routed);
        cluster.nodes().stream()
                .limit(1 + replicas)
                .forEach(node -> builder.node(node.name(), node.host(), node.port()));
        factory = builder.build();
    }

    private static NodeSettings settings(ClusterNode node) {
        return new NodeSettings(new NodeId(node.name()), node.host(), node.port());
    }

    private void awaitReadsOn(ClusterNode node) {
        int before = routed.all().size();
        await().atMost(LIMIT)
                .until(() -> routed.nodes().stream()
                                .skip(before)
                                .filter(node.name()::equals)
                                .count()
                        > 20);
    }

    /** Begins a transaction that reads on a replica. Returns the name of that. */
    private String beginToRead(RoutingConnection reader) {
        Mono.from(reader.beginTransaction(ReadOnly.TRANSACTION)).block(LIMIT);
        read(reader, "SELECT 1");
        List<String> nodes = routed.nodes();
        return nodes.get(nodes.size() - 1);
    }

    private static void read(RoutingConnection reader, String sql) {
        Flux.from(reader.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .blockLast(LIMIT);
    }

    /** Returns the sessions of the application and the monitor at a node. */
    private List<?> sessions(DatabaseKind database, ClusterNode node) {
        String users = "('" + cluster.username() + "', '" + cluster.monitorUsername() + "')";
        return node.query(
                database == DatabaseKind.POSTGRESQL
                        ? "SELECT pid FROM pg_stat_activity WHERE usename IN " + users
                        : "SELECT id FROM information_schema.processlist WHERE user IN " + users);
    }
}
