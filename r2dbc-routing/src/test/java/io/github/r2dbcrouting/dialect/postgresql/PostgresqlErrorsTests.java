package io.github.r2dbcrouting.dialect.postgresql;

import static io.github.r2dbcrouting.dialect.DriverSessions.after;
import static io.github.r2dbcrouting.dialect.DriverSessions.failing;
import static io.github.r2dbcrouting.dialect.DriverSessions.failure;
import static io.github.r2dbcrouting.dialect.DriverSessions.value;
import static io.github.r2dbcrouting.dialect.DriverSessions.victim;
import static io.github.r2dbcrouting.dialect.DriverSessions.with;
import static io.github.r2dbcrouting.dialect.ErrorKind.NODE_FAULT;
import static io.github.r2dbcrouting.dialect.ErrorKind.READ_ONLY_REFUSAL;
import static io.github.r2dbcrouting.dialect.ErrorKind.RECOVERY_CONFLICT;
import static io.github.r2dbcrouting.dialect.ErrorKind.SATURATION;
import static io.github.r2dbcrouting.dialect.ErrorKind.UNSENT;
import static io.github.r2dbcrouting.dialect.ErrorKind.USER;
import static io.r2dbc.spi.ConnectionFactoryOptions.DATABASE;
import static io.r2dbc.spi.ConnectionFactoryOptions.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.dialect.DriverSessions;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.ValidationDepth;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** Every kind of error of the PostgreSQL driver, provoked on real servers. */
class PostgresqlErrorsTests {

    /** Few connections, so that they run out; replay that waits for no query, so that it cancels them. */
    @RegisterExtension
    static final LocalClusterExtension CLUSTER = LocalClusterExtension.of(LocalCluster.postgresql()
            .replicas(1)
            .setting("max_connections", "12")
            .setting("max_standby_streaming_delay", "0"));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String SLEEP = "SELECT pg_sleep(30)";
    private static final String TERMINATE = "SELECT pg_terminate_backend(%d)";

    private static final String INSERT = "INSERT INTO item VALUES (10)";
    private static final String LOCK = "SELECT * FROM item WHERE id = %d FOR UPDATE";

    private DriverSessions sessions;

    private record Row(String name, String state, ErrorKind kind, Function<DriverSessions, Throwable> provocation) {

        @Override
        public String toString() {
            return name + ": " + state + " is " + kind;
        }
    }

    static Stream<Row> rows() {
        return Stream.concat(connecting(), working());
    }

    private static Stream<Row> connecting() {
        return Stream.of(
                new Row("connection refused", "08003", NODE_FAULT, driver -> {
                    replica().stop();
                    return driver.refusal(driver.address(replica()));
                }),
                new Row(
                        "unknown host",
                        "08003",
                        NODE_FAULT,
                        driver -> driver.refusal(driver.address("nowhere.invalid", 5432))),
                new Row("shutting down", "57P03", NODE_FAULT, PostgresqlErrorsTests::connectWhileShuttingDown),
                new Row(
                        "too many connections",
                        "53300",
                        SATURATION,
                        driver -> driver.refusal(driver.address(replica()), 12)),
                new Row(
                        "wrong password",
                        "28P01",
                        USER,
                        driver -> driver.refusal(with(driver.address(primary()), PASSWORD, "wrong"))),
                new Row(
                        "unknown database",
                        "3D000",
                        USER,
                        driver -> driver.refusal(with(driver.address(primary()), DATABASE, "nowhere"))));
    }

    private static Stream<Row> working() {
        return Stream.of(
                new Row(
                        "insert on a replica",
                        "25006",
                        READ_ONLY_REFUSAL,
                        driver -> failure(driver.onReplica(), INSERT)),
                new Row(
                        "create on a replica",
                        "25006",
                        READ_ONLY_REFUSAL,
                        driver -> failure(driver.onReplica(), "CREATE TABLE other (id int)")),
                new Row(
                        "lock on a replica",
                        "25006",
                        READ_ONLY_REFUSAL,
                        driver -> failure(driver.onReplica(), LOCK.formatted(1))),
                new Row(
                        "insert in a read-only transaction",
                        "25006",
                        READ_ONLY_REFUSAL,
                        driver -> failure(after(driver.onPrimary(), "BEGIN READ ONLY"), INSERT)),
                new Row(
                        "query after a kill while idle",
                        "08006",
                        UNSENT,
                        driver -> failure(killed(driver.onPrimary()), "SELECT 1")),
                new Row(
                        "begin after a kill while idle",
                        "08006",
                        UNSENT,
                        driver -> failure(killed(driver.onPrimary()).beginTransaction())),
                new Row(
                        "commit after a kill while idle",
                        "08006",
                        UNSENT,
                        driver -> failure(
                                killed(after(driver.onPrimary(), "BEGIN")).commitTransaction())),
                new Row("query after too long an idle time", "08006", UNSENT, PostgresqlErrorsTests::idleForTooLong),
                new Row(
                        "conflict with recovery while idle in a transaction",
                        "08006",
                        UNSENT,
                        PostgresqlErrorsTests::recoveryConflictWhileIdle),
                new Row(
                        "kill while running",
                        "57P01",
                        NODE_FAULT,
                        driver -> whileSleeping(
                                driver.onPrimary(), primary(), pid -> primary().query(TERMINATE.formatted(pid)))),
                new Row(
                        "stop of the server while running",
                        "57P01",
                        NODE_FAULT,
                        driver -> whileSleeping(
                                driver.onReplica(), replica(), pid -> replica().stop())),
                new Row(
                        "kill -9 of the server while running",
                        "08006",
                        NODE_FAULT,
                        driver -> whileSleeping(
                                driver.onReplica(), replica(), pid -> replica().kill())),
                new Row(
                        "kill -9 of another backend",
                        "08006",
                        NODE_FAULT,
                        PostgresqlErrorsTests::crashOfAnotherBackend),
                new Row("conflict with recovery", "40001", RECOVERY_CONFLICT, PostgresqlErrorsTests::recoveryConflict),
                new Row(
                        "statement timeout",
                        "57014",
                        USER,
                        driver -> failure(after(driver.onPrimary(), "SET statement_timeout = '100ms'"), SLEEP)),
                new Row("cancel request", "57014", USER, PostgresqlErrorsTests::cancelRequest),
                new Row("lock timeout", "55P03", USER, PostgresqlErrorsTests::lockTimeout),
                new Row("deadlock", "40P01", USER, PostgresqlErrorsTests::deadlock),
                new Row(
                        "duplicate key",
                        "23505",
                        USER,
                        driver -> failure(driver.onPrimary(), "INSERT INTO item VALUES (1)")),
                new Row("syntax error", "42601", USER, driver -> failure(driver.onPrimary(), "SELEC 1")));
    }

    @BeforeAll
    static void createTable() {
        CLUSTER.cluster()
                .execute("CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1), (2);"
                        + " GRANT ALL ON item TO PUBLIC");
        CLUSTER.cluster().awaitReplication();
    }

    @BeforeEach
    void open() {
        sessions = new DriverSessions("postgresql", CLUSTER.cluster());
    }

    @AfterEach
    void close() {
        sessions.close();
        CLUSTER.cluster().heal();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldTellTheKindOfEveryError(Row row) {
        Throwable error = row.provocation().apply(sessions);
        assertThat(error).isInstanceOfSatisfying(R2dbcException.class, answered -> {
            assertThat(answered.getSqlState()).isEqualTo(row.state());
            assertThat(PostgresqlErrors.classify(answered)).isEqualTo(row.kind());
        });
    }

    /** What it takes a broken machine to provoke. */
    @ParameterizedTest
    @CsvSource({
        "57P05, UNSENT", "57P02, NODE_FAULT", "53100, NODE_SHORTAGE", "53200, NODE_SHORTAGE", "58030, NODE_SHORTAGE",
        "XX001, NODE_SHORTAGE", "XX002, NODE_SHORTAGE", "XX000, USER", "53400, USER", "57P04, USER"
    })
    void shouldTellTheKindOfAState(String state, ErrorKind kind) {
        assertThat(PostgresqlErrors.classify(new R2dbcNonTransientResourceException("as the server says", state)))
                .isEqualTo(kind);
    }

    private static Connection killed(Connection connection) {
        primary().query(TERMINATE.formatted(value(connection, "SELECT pg_backend_pid()", Integer.class)));
        return closed(connection);
    }

    private static Throwable idleForTooLong(DriverSessions driver) {
        return failure(closed(after(driver.onPrimary(), "SET idle_session_timeout = '50ms'")), "SELECT 1");
    }

    private static Throwable recoveryConflictWhileIdle(DriverSessions driver) {
        CLUSTER.cluster().awaitReplication();
        Connection reader = after(driver.onReplica(), "BEGIN ISOLATION LEVEL REPEATABLE READ");
        value(reader, "SELECT count(*) FROM item", Long.class);
        primary().execute("INSERT INTO item SELECT generate_series(300, 400)");
        primary().execute("DELETE FROM item WHERE id >= 300");
        primary().execute("VACUUM item");
        return failure(closed(reader), "SELECT 1");
    }

    private static Connection closed(Connection connection) {
        await().atMost(LIMIT)
                .until(() ->
                        !Mono.from(connection.validate(ValidationDepth.LOCAL)).block(LIMIT));
        return connection;
    }

    private static Throwable crashOfAnotherBackend(DriverSessions driver) {
        Integer pid = value(driver.onReplica(), "SELECT pg_backend_pid()", Integer.class);
        ProcessHandle another = ProcessHandle.of(pid).orElseThrow();
        Throwable error = whileSleeping(driver.onReplica(), replica(), own -> another.destroyForcibly());
        // All of them are started anew.
        await().atMost(LIMIT).ignoreExceptions().until(() -> !replica().isPrimary());
        return error;
    }

    /** A smart shutdown waits for the sessions there are, and lets no other in. */
    private static Throwable connectWhileShuttingDown(DriverSessions driver) {
        driver.onReplica();
        ProcessHandle.of(replica().pid()).orElseThrow().destroy();
        Mono<Throwable> attempt = driver.open(driver.address(replica()))
                .then(Mono.<Throwable>empty())
                .onErrorResume(Mono::just);
        Throwable refusal = await().atMost(LIMIT).until(() -> attempt.block(LIMIT), error -> error != null);
        replica().stop();
        return refusal;
    }

    private static Throwable cancelRequest(DriverSessions driver) {
        PostgresqlConnection connection = (PostgresqlConnection) driver.onPrimary();
        return whileSleeping(
                connection, primary(), pid -> connection.cancelRequest().block(LIMIT));
    }

    private static Throwable lockTimeout(DriverSessions driver) {
        after(after(driver.onPrimary(), "BEGIN"), LOCK.formatted(1));
        return failure(after(driver.onPrimary(), "SET lock_timeout = '100ms'"), LOCK.formatted(1));
    }

    private static Throwable deadlock(DriverSessions driver) {
        Connection one = after(after(driver.onPrimary(), "BEGIN"), LOCK.formatted(1));
        Connection other = after(after(driver.onPrimary(), "BEGIN"), LOCK.formatted(2));
        return victim(failing(one, LOCK.formatted(2)), failing(other, LOCK.formatted(1)));
    }

    private static Throwable recoveryConflict(DriverSessions driver) {
        primary().execute("INSERT INTO item SELECT generate_series(100, 200)");
        CLUSTER.cluster().awaitReplication();
        CompletableFuture<Throwable> reading = failing(driver.onReplica(), "SELECT count(*) FROM item, pg_sleep(30)");
        awaitSleeping(replica());
        primary().execute("DELETE FROM item WHERE id >= 100");
        primary().execute("VACUUM item");
        return reading.join();
    }

    private static Throwable whileSleeping(Connection connection, ClusterNode node, IntConsumer action) {
        int pid = value(connection, "SELECT pg_backend_pid()", Integer.class);
        CompletableFuture<Throwable> running = failing(connection, SLEEP);
        awaitSleeping(node);
        action.accept(pid);
        return running.join();
    }

    private static void awaitSleeping(ClusterNode node) {
        await().atMost(LIMIT)
                .until(() -> !node.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
                        .isEmpty());
    }

    private static ClusterNode primary() {
        return CLUSTER.cluster().primary();
    }

    private static ClusterNode replica() {
        return CLUSTER.cluster().replicas().get(0);
    }
}
