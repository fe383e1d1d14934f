package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem.Kind;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Replicas that answer their probes and serve no statement well, on real servers. */
class OutlierTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final RoutedStatements routed = new RoutedStatements();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    /** A view that the nodes of which the table says so fail to read, as servers do whose disk is full. */
    @BeforeAll
    static void createViews() {
        for (DatabaseKind database : DatabaseKind.values()) {
            LocalCluster cluster = CLUSTERS.of(database);
            cluster.execute("CREATE TABLE fault (node varchar(20))");
            cluster.execute("CREATE TABLE item (id int)");
            cluster.execute("INSERT INTO item VALUES (1)");
            cluster.execute(
                    switch (database) {
                        case POSTGRESQL ->
                            "CREATE FUNCTION readable() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
                                    + " IF EXISTS (SELECT FROM fault WHERE node = current_setting('cluster_name')) THEN"
                                    + " RAISE 'No space left on device' USING ERRCODE = '53100'; END IF;"
                                    + " RETURN true; END $$";
                        case MARIADB ->
                            "CREATE FUNCTION readable() RETURNS BOOLEAN READS SQL DATA BEGIN"
                                    + " IF EXISTS (SELECT 1 FROM fault WHERE node = CONCAT('node', @@server_id)) THEN"
                                    + " SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'Disk full'; END IF;"
                                    + " RETURN true; END";
                    });
            cluster.execute("CREATE VIEW readable_item AS SELECT id FROM item WHERE readable() = true");
            cluster.awaitReplication();
        }
    }

    @AfterEach
    void close() {
        cluster.execute("DELETE FROM fault");
        factory.close().block(LIMIT);
        cluster.heal();
    }

    private RoutingConnectionFactoryBuilder over(DatabaseKind database) {
        cluster = CLUSTERS.of(database);
        return routed.over(cluster, database.driver)
                .option(RoutingOptions.OUTLIER_ERRORS, 3)
                .option(RoutingOptions.EJECTION_TIME, Duration.ofSeconds(2));
    }

    private void open(RoutingConnectionFactoryBuilder builder) {
        factory = builder.build();
        read().block(LIMIT);
        await().atMost(LIMIT)
                .until(() -> factory.currentTopology().nodes().stream()
                        .map(NodeState::health)
                        .allMatch(NodeHealth.HEALTHY::equals));
        routed.clear();
    }

    private void fail(ClusterNode... nodes) {
        for (ClusterNode node : nodes) {
            cluster.execute("INSERT INTO fault VALUES ('" + node.name() + "')");
        }
        cluster.awaitReplication();
    }

    private NodeState state(ClusterNode node) {
        return factory.currentTopology().node(new NodeId(node.name()));
    }

    private boolean isLeftOut(ClusterNode node, Kind kind) {
        NodeState state = state(node);
        return state.health() == NodeHealth.DEGRADED && state.problem().kind() == kind;
    }

    private Mono<Object> read() {
        return read("SELECT id FROM readable_item");
    }

    private Mono<Object> read(String sql) {
        return Mono.usingWhen(
                factory.create(),
                connection -> Flux.from(connection.createStatement(sql).execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                        .single(),
                Connection::close);
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadElsewhereWhileAReplicaFailsEveryReadAndOnItAgainAfterwards(DatabaseKind database) {
        open(over(database));
        ClusterNode failing = cluster.replicas().get(0);
        fail(failing);
        List<Object> values =
                Flux.range(0, 300).flatMap(number -> read(), 4).collectList().block(LIMIT);
        assertThat(values).hasSize(300);
        assertThat(factory.outliers().failing()).isPositive();
        assertThat(state(failing).role())
                .isEqualTo(state(cluster.replicas().get(1)).role());
        await().atMost(LIMIT).until(() -> {
            read().block(LIMIT);
            return isLeftOut(failing, Kind.FAILING);
        });
        assertThat(factory.explain("SELECT 1").toString())
                .contains("is left out for ", "statements in a row failed by its fault");

        cluster.execute("DELETE FROM fault");
        cluster.awaitReplication();
        await().atMost(LIMIT).until(() -> {
            routed.clear();
            read().block(LIMIT);
            return routed.nodes().equals(List.of(failing.name()));
        });
        assertThat(state(failing).health()).isEqualTo(NodeHealth.HEALTHY);
    }

    /** Without being left out each read would cost two retries, and the budget for them would be spent soon. */
    @ParameterizedTest
    @EnumSource
    void shouldReadOnThePrimaryWhileAllReplicasFailEveryRead(DatabaseKind database) {
        open(over(database).option(RoutingOptions.RETRIES_PER_SECOND, 5).option(RoutingOptions.RETRY_SHARE, 0.0));
        fail(cluster.replicas().toArray(ClusterNode[]::new));
        List<Object> values =
                Flux.range(0, 500).flatMap(number -> read(), 2).collectList().block(LIMIT);
        assertThat(values).hasSize(500);
        assertThat(factory.fallbackReads().admitted()).isGreaterThan(400);
    }

    /** Long before the probe has timed out. */
    @ParameterizedTest
    @EnumSource
    void shouldLeaveOutAFrozenReplicaWhileItsPeersAnswer(DatabaseKind database) {
        open(over(database).maxSize(20).option(RoutingOptions.PROBE_TIMEOUT, Duration.ofMinutes(1)));
        ClusterNode frozen = cluster.replicas().get(0);
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> load = Flux.interval(Duration.ofMillis(2))
                .onBackpressureDrop()
                .takeWhile(beat -> !stop.get())
                .flatMap(beat -> read("SELECT 1"), 200)
                .then()
                .toFuture();
        try {
            await().atMost(LIMIT).until(() -> routed.nodes().contains(frozen.name()));
            frozen.freeze();
            await().atMost(LIMIT).until(() -> isLeftOut(frozen, Kind.SLOW));
            assertThat(state(frozen).problem()).asString().contains("nor was a probe");
        } finally {
            frozen.thaw();
            stop.set(true);
        }
        assertThat(load).as("no read failed").succeedsWithin(LIMIT);
        assertThat(factory.outliers().slow()).isPositive();
    }
}
