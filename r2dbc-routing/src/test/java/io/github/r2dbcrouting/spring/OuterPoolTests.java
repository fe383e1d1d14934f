package io.github.r2dbcrouting.spring;

import static io.github.r2dbcrouting.spring.NoteCluster.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What becomes of a virtual connection that an r2dbc-pool around the factory lends again and again. The outer pool has one
 * connection, so that each borrower gets the one that was just given back; each node's pool has one too, so that a node
 * which stays held has nothing left for the next borrower.
 */
class OuterPoolTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = NoteCluster.extension();

    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;
    private ConnectionPool pool;

    @BeforeAll
    static void createNotes() {
        NoteCluster.createNotes(CLUSTER.cluster());
    }

    @BeforeEach
    void open() {
        factory = NoteCluster.patient(routed.over(CLUSTER.cluster()))
                .maxSize(1)
                .option(RoutingOptions.ACQUIRE_TIMEOUT, Duration.ofSeconds(3))
                .build();
        NoteCluster.awaitNodes(factory);
        pool = over(factory, 1);
    }

    @AfterEach
    void close() {
        pool.disposeLater().block(NoteCluster.LIMIT);
        factory.close().block(NoteCluster.LIMIT);
    }

    @Test
    void shouldRouteAnewAfterAWriteWasGivenBack() {
        Connection first = use(connection -> updates(connection, "INSERT INTO note (text) VALUES ('anew')")
                .thenMany(rows(connection, "SELECT 1"))
                .then(Mono.just(inner(connection))));
        Connection second = use(connection -> rows(connection, "SELECT 1").then(Mono.just(inner(connection))));
        assertThat(second).isSameAs(first);
        assertThat(routed.roles()).containsExactly(NodeRole.PRIMARY, NodeRole.PRIMARY, NodeRole.REPLICA);
    }

    @Test
    void shouldForgetWhichReplicaItPreferred() {
        for (int i = 0; i < 4; i++) {
            use(connection -> rows(connection, "SELECT 1").thenMany(rows(connection, "SELECT 2")));
        }
        assertThat(routed.roles()).hasSize(8).containsOnly(NodeRole.REPLICA);
        for (int i = 0; i < 8; i += 2) {
            assertThat(routed.nodes().get(i)).isEqualTo(routed.nodes().get(i + 1));
        }
        assertThat(routed.nodes()).contains("node2", "node3");
    }

    @Test
    void shouldRollBackATransactionThatWasLeftOpen() {
        use(connection -> Mono.from(connection.beginTransaction())
                .thenMany(updates(connection, "INSERT INTO note (text) VALUES ('left open')")));
        use(connection -> updates(connection, "BEGIN")
                .thenMany(updates(connection, "INSERT INTO note (text) VALUES ('left open')")));
        assertThat(useOnPrimary("SELECT count(*)::int FROM note WHERE text = 'left open'"))
                .isEqualTo(0);
        Boolean autoCommit = use(connection -> Mono.fromSupplier(connection::isAutoCommit));
        assertThat(autoCommit).isTrue();
    }

    @Test
    void shouldUndoWhatStatementsLeftInTheirSession() {
        use(connection -> Flux.concat(
                updates(connection, "SET application_name = 'left behind'"),
                updates(connection, "CREATE TEMPORARY TABLE leftover (id int)"),
                rows(connection, "SELECT pg_advisory_lock(4711)")));
        assertThat(useOnPrimary("SHOW application_name")).isNotEqualTo("left behind");
        assertThat(useOnPrimary("SELECT count(*)::int FROM pg_class WHERE relname = 'leftover'"))
                .isEqualTo(0);
        assertThat(useOnPrimary("SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory'"))
                .isEqualTo(0);
    }

    @Test
    void shouldRestoreWhatSettersChangedOnEveryNode() {
        List<Object> changed = use(connection -> Mono.from(connection.setStatementTimeout(Duration.ofMillis(4321)))
                .then(Mono.from(connection.setLockWaitTimeout(Duration.ofMillis(1234))))
                .then(Mono.from(connection.setTransactionIsolationLevel(IsolationLevel.SERIALIZABLE)))
                .thenMany(Flux.just("SHOW statement_timeout", "SHOW lock_timeout", "SHOW transaction_isolation"))
                .concatMap(sql ->
                        rows(connection, sql).concatWith(rows(connection, sql).contextWrite(Routing.primary())))
                .collectList());
        assertThat(changed).containsExactly("4321ms", "4321ms", "1234ms", "1234ms", "serializable", "serializable");
        IsolationLevel level = use(connection -> Mono.fromSupplier(connection::getTransactionIsolationLevel));
        assertThat(level).isEqualTo(IsolationLevel.READ_COMMITTED);
        for (String node : List.of("node1", "node2", "node3")) {
            List<Object> restored = use(
                    connection -> Flux.just("SHOW statement_timeout", "SHOW lock_timeout", "SHOW transaction_isolation")
                            .concatMap(sql -> rows(connection, sql))
                            .contextWrite(Routing.using(node))
                            .collectList());
            assertThat(restored).as(node).containsExactly("0", "0", "read committed");
        }
    }

    @Test
    void shouldReadHintsWhenAStatementIsExecutedThoughThePoolOpenedTheConnectionEarlier() {
        Mono.from(pool.warmup()).contextWrite(Routing.using("node2")).block(NoteCluster.LIMIT);
        use(connection -> Flux.concat(
                rows(connection, "SELECT 1"),
                rows(connection, "SELECT 1").contextWrite(Routing.primary()),
                rows(connection, "SELECT 1").contextWrite(Routing.using("node3")),
                rows(connection, "SELECT 1").contextWrite(Routing.using("node2"))));
        assertThat(routed.nodes()).endsWith("node1", "node3", "node2");
        assertThat(routed.roles().get(0)).isEqualTo(NodeRole.REPLICA);
        routed.clear();
        result(Mono.usingWhen(
                        pool.create(),
                        connection -> rows(connection, "SELECT 1").single(),
                        Connection::close)
                .contextWrite(Routing.primary()));
        result(Mono.usingWhen(
                pool.create(), connection -> rows(connection, "SELECT 1").single(), Connection::close));
        assertThat(routed.roles()).containsExactly(NodeRole.PRIMARY, NodeRole.REPLICA);
    }

    @Test
    void shouldGiveTheDriversConnectionThroughThePoolAndNotLendItAgain() {
        PostgresqlConnection primary = use(connection -> Routing.pinned(
                        connection, NodeRole.PRIMARY, PostgresqlConnection.class)
                .delayUntil(driver -> driver.createStatement("LISTEN news").execute()));
        PostgresqlConnection replica =
                use(connection -> Routing.pinned(connection, NodeRole.REPLICA, PostgresqlConnection.class)
                        .delayUntil(driver -> driver.createStatement("SET application_name = 'by hand'")
                                .execute()));
        await().atMost(NoteCluster.LIMIT).until(() -> !isOpen(primary) && !isOpen(replica));
        assertThat(useOnPrimary("SELECT count(*)::int FROM pg_listening_channels()"))
                .isEqualTo(0);
        assertThat(List.of(useOn("node2", "SHOW application_name"), useOn("node3", "SHOW application_name")))
                .doesNotContain("by hand");
    }

    @Test
    void shouldHoldNoNodeWhileItRestsInThePool() {
        ConnectionPool several = over(factory, 5);
        List<Connection> borrowed =
                Flux.range(0, 5).concatMap(i -> several.create()).collectList().block(NoteCluster.LIMIT);
        for (Connection connection : borrowed) {
            Flux.concat(
                            rows(connection, "SELECT 1").contextWrite(Routing.using("node2")),
                            rows(connection, "SELECT 1").contextWrite(Routing.using("node3")),
                            updates(connection, "INSERT INTO note (text) VALUES ('held')"),
                            Mono.from(connection.close()).cast(Object.class))
                    .blockLast(NoteCluster.LIMIT);
        }
        assertThat(several.getMetrics().orElseThrow().idleSize()).isEqualTo(5);
        assertThat(useOn("node1", "SELECT 1")).isEqualTo(1);
        assertThat(useOn("node2", "SELECT 1")).isEqualTo(1);
        assertThat(useOn("node3", "SELECT 1")).isEqualTo(1);
        several.disposeLater().block(NoteCluster.LIMIT);
    }

    @Test
    void shouldHoldNoNodeForAResultThatNobodyConsumed() {
        for (int i = 0; i < 3; i++) {
            use(connection -> Mono.from(connection
                            .createStatement("SELECT n FROM generate_series(1, 1000) n")
                            .execute())
                    .contextWrite(Routing.using("node2"))
                    .then());
            assertThat(useOn("node2", "SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void shouldLetGoOfEverythingWhenThePoolIsClosedWhileConnectionsAreLent() {
        Connection lent = pool.create().block(NoteCluster.LIMIT);
        updates(lent, "INSERT INTO note (text) VALUES ('still lent')").blockLast(NoteCluster.LIMIT);
        pool.disposeLater().block(NoteCluster.LIMIT);
        assertThat(rows(lent, "SELECT 1").blockLast(NoteCluster.LIMIT)).isEqualTo(1);
        Connection virtual = inner(lent);
        Mono.from(lent.close()).block(NoteCluster.LIMIT);
        assertThatThrownBy(() -> rows(virtual, "SELECT 1").blockLast(NoteCluster.LIMIT))
                .hasMessageContaining("closed");
        Integer next = Mono.usingWhen(
                        factory.create(),
                        connection -> rows(connection, "SELECT 1")
                                .contextWrite(Routing.primary())
                                .cast(Integer.class)
                                .single(),
                        Connection::close)
                .block(NoteCluster.LIMIT);
        assertThat(next).isEqualTo(1);
    }

    private Object useOnPrimary(String sql) {
        return useOn("node1", sql);
    }

    private Object useOn(String node, String sql) {
        return use(connection -> rows(connection, sql).contextWrite(Routing.using(node)));
    }

    /** Returns the last that the work emits, once the connection is back. */
    private <T> T use(Function<Connection, ? extends Publisher<T>> work) {
        return Flux.usingWhen(pool.create(), work, Connection::close).blockLast(NoteCluster.LIMIT);
    }

    private static ConnectionPool over(RoutingConnectionFactory factory, int size) {
        return new ConnectionPool(ConnectionPoolConfiguration.builder(factory)
                .initialSize(size)
                .maxSize(size)
                .build());
    }

    private static boolean isOpen(Connection connection) {
        return result(Mono.from(connection.validate(ValidationDepth.LOCAL)));
    }

    private static Connection inner(Connection pooled) {
        return (Connection) ((Wrapped<?>) pooled).unwrap();
    }

    private static Flux<Object> rows(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0) == null ? "" : row.get(0)));
    }

    private static Flux<Object> updates(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .cast(Object.class);
    }
}
