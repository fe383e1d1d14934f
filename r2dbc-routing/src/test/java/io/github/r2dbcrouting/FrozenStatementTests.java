package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterBuilder;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What becomes of the user's own statements when the server that runs them is frozen: no driver's timeout fires then. */
class FrozenStatementTests {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final RoutedStatements routed = new RoutedStatements();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    private void open(Database database) {
        cluster = database.cluster().replicas(2).start();
        cluster.execute("CREATE TABLE item (id int PRIMARY KEY)");
        database.grant(cluster);
        cluster.awaitReplication();
        factory = routed.over(cluster, database.driver)
                .option(RoutingOptions.PROBE_INTERVAL, Duration.ofMillis(200))
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(1))
                .maxSize(4)
                .build();
        use(connection -> rows(connection, "SELECT 1")).block(LIMIT);
        routed.clear();
    }

    @AfterEach
    void close() {
        cluster.nodes().stream().filter(ClusterNode::isFrozen).forEach(ClusterNode::thaw);
        factory.close().block(LIMIT);
        cluster.close();
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailNoReadWhileAReplicaIsFrozen(Database database) {
        open(database);
        // More than the pool has connections: some wait for one of the frozen node.
        CompletableFuture<Long> reads = Flux.range(0, 12)
                .flatMap(
                        reader -> use(connection -> rows(connection, "SELECT id FROM item"))
                                .repeat(40),
                        12)
                .count()
                .toFuture();
        await().atMost(LIMIT).until(() -> routed.all().size() > 60);
        cluster.replicas().get(0).freeze();
        assertThat(reads).succeedsWithin(LIMIT);
        assertThat(cluster.replicas().get(0).isFrozen()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotKnowTheOutcomeOfAWriteOnAPrimaryThatFreezes(Database database) {
        open(database);
        CompletableFuture<Void> written = use(connection -> rows(connection, database.slowly("INSERT INTO item ")))
                .toFuture();
        await().atMost(LIMIT).until(() -> !routed.all().isEmpty());
        cluster.primary().freeze();
        assertThat(written)
                .failsWithin(LIMIT)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(OutcomeUnknownException.class)
                .withMessageContaining("probes of it failed");
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellWhichNodeWasGivenUpToAReadOnlyTransaction(Database database) {
        open(database);
        CompletableFuture<Void> read = use(connection -> connection
                        .beginTransaction(ReadOnly.TRANSACTION)
                        .thenMany(rows(connection, database.slowly(""))))
                .toFuture();
        await().atMost(LIMIT).until(() -> routed.all().size() == 2);
        cluster.node(routed.nodes().get(1)).freeze();
        assertThat(read)
                .failsWithin(LIMIT)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(NodeUnreachableException.class)
                .withMessageContaining("node " + routed.nodes().get(1) + ": given up");
    }

    private Mono<Void> use(Function<RoutingConnection, Publisher<?>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close).then();
    }

    private static Flux<?> rows(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute()).concatMap(Result::getRowsUpdated);
    }

    enum Database {
        POSTGRESQL("postgresql") {
            @Override
            LocalClusterBuilder cluster() {
                return LocalCluster.postgresql();
            }

            @Override
            void grant(LocalCluster cluster) {
                cluster.execute("GRANT ALL ON item TO PUBLIC");
            }

            @Override
            String slowly(String what) {
                return what + "SELECT 1 FROM pg_sleep(5)";
            }
        },
        MARIADB("mariadb") {
            @Override
            LocalClusterBuilder cluster() {
                return LocalCluster.mariadb();
            }

            @Override
            void grant(LocalCluster cluster) {}

            @Override
            String slowly(String what) {
                return what + "SELECT 1 + SLEEP(5)";
            }
        };

        final String driver;

        Database(String driver) {
            this.driver = driver;
        }

        abstract LocalClusterBuilder cluster();

        abstract void grant(LocalCluster cluster);

        abstract String slowly(String what);
    }
}
