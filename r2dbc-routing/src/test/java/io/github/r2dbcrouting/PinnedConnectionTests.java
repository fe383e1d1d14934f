package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.topology.NodeRole;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.r2dbc.postgresql.api.Notification;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Result;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What needs one physical connection: the driver's own, COPY, LISTEN, isolation levels, fetch sizes. */
class PinnedConnectionTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final RoutedStatements ROUTED = new RoutedStatements();
    private static RoutingConnectionFactory factory;
    private static RoutingConnectionFactory second;

    @BeforeAll
    static void start() {
        CLUSTER.cluster().execute("CREATE TABLE item (id int); GRANT ALL ON item TO PUBLIC");
        CLUSTER.cluster().awaitReplication();
        factory = ROUTED.over(CLUSTER.cluster()).maxSize(1).build();
        second = new RoutedStatements().over(CLUSTER.cluster()).build();
    }

    @AfterAll
    static void close() {
        factory.close().block(LIMIT);
        second.close().block(LIMIT);
    }

    @Test
    void shouldGiveTheDriversConnectionForCopy() {
        ByteBuf lines = Unpooled.copiedBuffer("1\n2\n3\n", StandardCharsets.UTF_8);
        Long copied = use(connection -> connection
                .pinned(NodeRole.PRIMARY, PostgresqlConnection.class)
                .flatMap(driver ->
                        driver.copyIn("COPY item FROM STDIN").from(lines).build()));
        assertThat(copied).isEqualTo(3);
    }

    @Test
    void shouldGiveTheDriversConnectionForListen() {
        String heard = use(connection -> connection
                .pinned(NodeRole.PRIMARY, PostgresqlConnection.class)
                .flatMap(driver -> driver.createStatement("LISTEN news")
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .then(Mono.just(driver)))
                .flatMap(driver -> Flux.merge(
                                driver.getNotifications(),
                                driver.createStatement("NOTIFY news, 'again'")
                                        .execute()
                                        .flatMap(PostgresqlResult::getRowsUpdated)
                                        .thenMany(Flux.<Notification>empty()))
                        .next()
                        .map(Notification::getParameter)));
        assertThat(heard).isEqualTo("again");
    }

    @Test
    void shouldPinAReplicaWhenAskedForOneAndRefuseTheOtherRoleThen() {
        use(connection -> connection
                .pinned(NodeRole.REPLICA, PostgresqlConnection.class)
                .flatMap(driver -> connection.pinned(NodeRole.PRIMARY, PostgresqlConnection.class))
                .cast(Object.class)
                .onErrorResume(IllegalStateException.class, error -> {
                    assertThat(error).hasMessageContaining("REPLICA node2").hasMessageContaining("pinned already");
                    return Mono.just(error);
                }));
    }

    @Test
    void shouldLendNobodyElseAConnectionThatWasHandedOut() {
        Integer seen = use(connection ->
                connection.pinned(NodeRole.PRIMARY, PostgresqlConnection.class).flatMap(driver -> backend(connection)));
        Integer next = use(connection -> backend(connection).contextWrite(Routing.primary()));
        assertThat(next).isNotEqualTo(seen);
    }

    @Test
    void shouldUnwrapOnlyWhilePinned() {
        use(connection -> {
            assertThat(connection.unwrap(PostgresqlConnection.class)).isNull();
            assertThatThrownBy(connection::unwrap)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("pinned(role, type)");
            return connection
                    .beginTransaction()
                    .then(Mono.fromSupplier(() -> connection.unwrap(PostgresqlConnection.class)))
                    .doOnNext(driver -> assertThat(driver.isAutoCommit()).isFalse());
        });
    }

    @Test
    void shouldSetTheIsolationLevelOfWhateverFollows() {
        String level = use(connection -> connection
                .setTransactionIsolationLevel(IsolationLevel.REPEATABLE_READ)
                .then(Mono.fromRunnable(() -> assertThat(connection.getTransactionIsolationLevel())
                        .isEqualTo(IsolationLevel.REPEATABLE_READ)))
                .then(value(connection, "SHOW transaction_isolation", String.class)));
        assertThat(level).isEqualTo("repeatable read");
        String after = use(connection -> value(connection, "SHOW transaction_isolation", String.class));
        assertThat(after).isEqualTo("read committed");
    }

    /** A hot standby refuses the level. */
    @Test
    void shouldReadSerializablyOnThePrimary() {
        String set = use(connection -> connection
                .setTransactionIsolationLevel(IsolationLevel.SERIALIZABLE)
                .then(value(
                        connection,
                        "SELECT pg_is_in_recovery() || current_setting('transaction_isolation')",
                        String.class)));
        assertThat(set).isEqualTo("falseserializable");
        String begun = use(connection -> connection
                .beginTransaction(ReadOnly.SERIALIZABLE)
                .then(value(
                        connection,
                        "SELECT pg_is_in_recovery() || current_setting('transaction_isolation')",
                        String.class))
                .flatMap(level -> connection.commitTransaction().thenReturn(level)));
        assertThat(begun).isEqualTo("falseserializable");
    }

    @Test
    void shouldFetchInPieces() {
        Long rows = use(connection -> Flux.from(connection
                        .createStatement("SELECT generate_series(1, $1)")
                        .bind(0, 1_000)
                        .fetchSize(7)
                        .execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .count());
        assertThat(rows).isEqualTo(1_000);
    }

    @Test
    void shouldWaitForALockNoLongerThanSet() {
        use(holder -> holder.beginTransaction()
                .then(updates(holder, "LOCK TABLE item"))
                .then(Mono.usingWhen(
                        second.create(),
                        waiter -> waiter.setLockWaitTimeout(Duration.ofMillis(50))
                                .then(updates(waiter, "INSERT INTO item VALUES (9)"))
                                .thenReturn("inserted")
                                .onErrorResume(error -> Mono.just(String.valueOf(error.getMessage()))),
                        Connection::close))
                .doOnNext(outcome -> assertThat(outcome).contains("lock timeout")));
    }

    private static Mono<Void> updates(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .then();
    }

    private static Mono<Integer> backend(Connection connection) {
        return value(connection, "SELECT pg_backend_pid()", Integer.class);
    }

    private static <T> Mono<T> value(Connection connection, String sql, Class<T> type) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0, type)))
                .single();
    }

    private static <T> T use(Function<RoutingConnection, Mono<T>> work) {
        return Mono.usingWhen(factory.create(), work, Connection::close).block(LIMIT);
    }
}
