package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Batch;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a virtual connection keeps together when its physical ones break, are shared or are taken from it. */
class SessionTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    @BeforeEach
    void open() {
        CLUSTER.cluster()
                .execute("CREATE TABLE IF NOT EXISTS item (id int); TRUNCATE item; GRANT ALL ON item TO PUBLIC");
        factory = routed.over(CLUSTER.cluster())
                .maxSize(1)
                .option(RoutingOptions.DRAIN_TIME, Duration.ofMillis(100))
                .build();
        use(connection -> rows(connection, "SELECT 1")).blockLast(LIMIT);
        routed.clear();
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @Test
    void shouldStayOnThePrimaryWhenThePinOfAWriteWasLost() {
        RoutingConnection connection = take();
        update(connection, "INSERT INTO item VALUES (1)").block(LIMIT);
        primary().query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
        // The driver may learn of it only now; whether this read fails is of no interest here, where the next one goes
        // is.
        rows(connection, "SELECT 2")
                .onErrorResume(R2dbcException.class, broken -> Flux.empty())
                .blockLast(LIMIT);
        assertThat(rows(connection, "SELECT count(*) FROM item").blockLast(LIMIT))
                .isEqualTo(1L);
        assertThat(routed.roles()).containsOnly(NodeRole.PRIMARY);
        connection.close().block(LIMIT);
    }

    @Test
    void shouldKeepAPinForOtherThanATransactionWhenOneIsEnded() {
        RoutingConnection connection = take();
        PostgresqlConnection pinned =
                connection.pinned(NodeRole.REPLICA, PostgresqlConnection.class).block(LIMIT);
        connection.commitTransaction().block(LIMIT);
        connection.rollbackTransaction().block(LIMIT);
        assertThat(connection.unwrap(PostgresqlConnection.class)).isSameAs(pinned);
        connection.close().block(LIMIT);
    }

    @Test
    void shouldNotDisturbAReadThatSharesTheConnectionOfOneThatWasCancelled() {
        RoutingConnection connection = take();
        Disposable unwanted = rows(connection, "SELECT pg_sleep(1)").subscribe();
        awaitSleeping();
        CompletableFuture<Object> wanted =
                rows(connection, "SELECT 'wanted' FROM pg_sleep(0.5)").last().toFuture();
        unwanted.dispose();
        assertThat(wanted).succeedsWithin(LIMIT).isEqualTo("wanted");
        assertThat(routed.nodes())
                .hasSize(2)
                .satisfies(nodes -> assertThat(nodes.get(0)).isEqualTo(nodes.get(1)));
        connection.close().block(LIMIT);
    }

    @Test
    void shouldNotExecuteTheRestOfASeriesThatIsCancelled() {
        use(connection -> {
                    Statement insert = connection.createStatement("INSERT INTO item VALUES ($1)");
                    for (int id = 1; id < 5; id++) {
                        insert.bind(0, id).add();
                    }
                    insert.bind(0, 5);
                    return Flux.from(insert.execute())
                            .concatMap(Result::getRowsUpdated)
                            .take(1);
                })
                .blockLast(LIMIT);
        // On the one connection to the primary: whatever the driver had sent has ended, or its connection is gone.
        use(connection -> update(connection, "INSERT INTO item VALUES (6)")).blockLast(LIMIT);
        assertThat(primary().query("SELECT id FROM item ORDER BY id")).containsExactly(List.of("1"), List.of("6"));
    }

    @Test
    void shouldRunAReadAgainElsewhereWhenItsBackendEnds() {
        CompletableFuture<Object> read = use(connection -> rows(connection, "SELECT 'done' FROM pg_sleep(1)"))
                .last()
                .toFuture();
        terminateSleeping();
        assertThat(read).succeedsWithin(LIMIT).isEqualTo("done");
        assertThat(routed.nodes()).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void shouldNotRunABatchAgainWhoseFirstPartMayHaveBeenDelivered() {
        CompletableFuture<Object> read = use(connection -> {
                    Batch batch = connection
                            .createBatch()
                            .add("SELECT 'done' FROM pg_sleep(1)")
                            .add("SELECT '2'");
                    return Flux.from(batch.execute()).concatMap(result -> result.map((row, metadata) -> row.get(0)));
                })
                .last()
                .toFuture();
        terminateSleeping();
        assertThat(read).failsWithin(LIMIT);
        assertThat(routed.nodes()).hasSize(1);
    }

    @Test
    void shouldTakeAStatementThatMayWriteForAWriteWhenNoReplicaIsThereForIt() {
        ClusterNode primary = primary();
        RoutedStatements alone = new RoutedStatements();
        RoutingConnectionFactory onlyThePrimary = RoutingConnectionFactory.builder()
                .driver("postgresql")
                .credentials(CLUSTER.cluster().username(), CLUSTER.cluster().password())
                .monitorCredentials(
                        CLUSTER.cluster().monitorUsername(), CLUSTER.cluster().monitorPassword())
                .database(CLUSTER.cluster().database())
                .node(primary.host(), primary.port())
                .routeListener(alone)
                .build();
        Flux.usingWhen(
                        onlyThePrimary.create(),
                        connection -> rows(connection, "SELECT unknown_to_all(1)")
                                .contextWrite(Routing.replica())
                                .onErrorResume(R2dbcException.class, refused -> Flux.empty())
                                .thenMany(rows(connection, "SELECT 1")),
                        Connection::close)
                .blockLast(LIMIT);
        assertThat(alone.all()).hasSize(2);
        assertThat(alone.all().get(1).reason()).startsWith("pinned");
        onlyThePrimary.close().block(LIMIT);
    }

    @Test
    void shouldTakeAConnectionOfTheNewLifeWhenTheNodeRestartsWhileOneWaits() {
        RoutingConnection holder = take();
        holder.beginTransaction().block(LIMIT);
        CompletableFuture<Long> waiting = use(connection -> update(connection, "INSERT INTO item VALUES (1)"))
                .last()
                .toFuture();
        primary().restart();
        assertThat(waiting).succeedsWithin(LIMIT).isEqualTo(1L);
        assertThatThrownBy(() -> holder.commitTransaction().block(LIMIT)).isInstanceOf(R2dbcException.class);
        holder.close().block(LIMIT);
    }

    private static void terminateSleeping() {
        awaitSleeping();
        for (ClusterNode replica : CLUSTER.cluster().replicas()) {
            if (!replica.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
                    .isEmpty()) {
                // What was ended here may sleep on the next one already.
                return;
            }
        }
    }

    private static void awaitSleeping() {
        await().atMost(LIMIT)
                .until(() -> CLUSTER.cluster().replicas().stream()
                        .anyMatch(node -> !node.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
                                .isEmpty()));
    }

    private RoutingConnection take() {
        return factory.create().blockOptional(LIMIT).orElseThrow();
    }

    private <T> Flux<T> use(Function<RoutingConnection, Publisher<T>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close);
    }

    private static Flux<Object> rows(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)));
    }

    private static Mono<Long> update(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .reduce(0L, Long::sum);
    }

    private static ClusterNode primary() {
        return CLUSTER.cluster().primary();
    }
}
