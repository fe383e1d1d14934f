package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What pools that are set for single nodes do at real servers. */
class NodePoolsTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final RoutedStatements routed = new RoutedStatements();
    private final List<RoutingConnectionFactory> factories = new ArrayList<>();

    @AfterEach
    void close() {
        Flux.fromIterable(factories).flatMap(RoutingConnectionFactory::close).blockLast(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveTheFirstConnectionsOfEachNodeOpenWhenTheFirstUserGetsIn(DatabaseKind database) {
        LocalCluster cluster = CLUSTERS.of(database);
        String replica = cluster.replicas().get(0).name();
        RoutingConnectionFactory factory =
                build(builder(database).initialSize(2).initialSize(replica, 4).warmUp(LIMIT));
        Connection first = factory.create().block(LIMIT);
        assertThat(cluster.nodes())
                .allSatisfy(node -> assertThat(sessions(database, node))
                        .as("at once at %s", node.name())
                        .isGreaterThanOrEqualTo(node.name().equals(replica) ? 4 : 2));
        Mono.from(first.close()).block(LIMIT);
        // Those of factories before this one, and of what reads functions, end by themselves.
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(cluster.nodes())
                        .allSatisfy(node -> assertThat(sessions(database, node))
                                .as("at %s", node.name())
                                .isEqualTo(node.name().equals(replica) ? 4 : 2)));
    }

    @ParameterizedTest
    @EnumSource
    void shouldReplaceUnusedConnectionsThatAreTooOld(DatabaseKind database) {
        LocalCluster cluster = CLUSTERS.of(database);
        ClusterNode primary = cluster.primary();
        RoutingConnectionFactory factory = build(
                builder(database).minIdle(3).warmUp(LIMIT).option(RoutingOptions.MAX_IDLE_TIME, Duration.ofSeconds(1)));
        assertThat(read(factory, primary.name(), "SELECT 1")).isEqualTo("1");
        List<Object> before = sessionIds(database, primary);
        await().atMost(LIMIT)
                .untilAsserted(() ->
                        assertThat(sessionIds(database, primary)).hasSize(3).doesNotContainAnyElementsOf(before));
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadFromTheOtherReplicaWhileTheOnlyConnectionToOneIsInUse(DatabaseKind database) {
        LocalCluster cluster = CLUSTERS.of(database);
        RoutingConnectionFactory factory = build(builder(database).maxSize(1));
        routed.awaitReplica(factory);
        List<String> names = cluster.replicas().stream().map(ClusterNode::name).toList();
        Connection busy = factory.create().block(LIMIT);
        Mono.from(busy.beginTransaction(ReadOnly.TRANSACTION)).block(LIMIT);
        read(busy, "SELECT 1").block(LIMIT);
        String taken = routed.nodes().get(routed.nodes().size() - 1);
        routed.clear();
        for (int i = 0; i < 4; i++) {
            assertThat(read(factory, null, "SELECT 1")).isEqualTo("1");
        }
        assertThat(names).contains(taken);
        assertThat(routed.nodes()).doesNotContain(taken, cluster.primary().name());
        Mono.from(busy.close()).block(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void shouldLimitTheStatementsOfSingleNodes(DatabaseKind database) {
        LocalCluster cluster = CLUSTERS.of(database);
        String limited = cluster.replicas().get(0).name();
        String other = cluster.replicas().get(1).name();
        RoutingConnectionFactory factory = build(builder(database)
                .statementTimeout(limited, Duration.ofMillis(12_345))
                .connectTimeout(limited, LIMIT));
        String sql = database == DatabaseKind.POSTGRESQL ? "SHOW statement_timeout" : "SELECT @@max_statement_time";
        assertThat(read(factory, limited, sql)).isIn("12345ms", "12.345000", "12.345");
        assertThat(read(factory, other, sql)).isIn("0", "0.0", "0.000000");
    }

    private RoutingConnectionFactoryBuilder builder(DatabaseKind database) {
        return routed.over(CLUSTERS.of(database), database.driver);
    }

    private RoutingConnectionFactory build(RoutingConnectionFactoryBuilder builder) {
        RoutingConnectionFactory factory = builder.build();
        factories.add(factory);
        return factory;
    }

    private static String read(RoutingConnectionFactory factory, String node, String sql) {
        return Mono.usingWhen(factory.create(), connection -> read(connection, sql), Connection::close)
                .contextWrite(node == null ? context -> context : Routing.using(node))
                .block(LIMIT);
    }

    private static Mono<String> read(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> String.valueOf(row.get(0))))
                .last();
    }

    private static long sessions(DatabaseKind database, ClusterNode node) {
        return sessionIds(database, node).size();
    }

    /** Of the application's user, who is also asked with where nobody else may see them. */
    private static List<Object> sessionIds(DatabaseKind database, ClusterNode node) {
        String user = CLUSTERS.of(database).username();
        String sql = database == DatabaseKind.POSTGRESQL
                ? "SELECT pid FROM pg_stat_activity WHERE usename = '" + user + "' AND pid <> pg_backend_pid()"
                : "SELECT id FROM information_schema.processlist WHERE user = '" + user + "' AND id <> connection_id()";
        return new ArrayList<>(node.query(sql));
    }
}
