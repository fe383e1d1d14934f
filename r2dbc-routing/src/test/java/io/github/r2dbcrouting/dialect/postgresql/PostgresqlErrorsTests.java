package io.github.r2dbcrouting.dialect.postgresql;

import static io.github.r2dbcrouting.dialect.DriverSessions.failing;
import static io.github.r2dbcrouting.dialect.DriverSessions.failure;
import static io.github.r2dbcrouting.dialect.DriverSessions.run;
import static io.github.r2dbcrouting.dialect.DriverSessions.value;
import static io.github.r2dbcrouting.dialect.DriverSessions.victim;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.dialect.DriverSessions;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.ValidationDepth;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
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

    private DriverSessions sessions;

    private record Row(String name, String state, ErrorKind kind, Provocation provocation) {

        @Override
        public String toString() {
            return name + ": " + state + " is " + kind;
        }
    }

    @FunctionalInterface
    private interface Provocation {
        Throwable provoke(PostgresqlErrorsTests test);
    }

    static Stream<Row> rows() {
        return Stream.of(
                new Row(
                        "insert on a replica",
                        "25006",
                        ErrorKind.READ_ONLY_REFUSAL,
                        test -> failure(test.onReplica(), "INSERT INTO item VALUES (10)")),
                new Row(
                        "create on a replica",
                        "25006",
                        ErrorKind.READ_ONLY_REFUSAL,
                        test -> failure(test.onReplica(), "CREATE TABLE other (id int)")),
                new Row(
                        "select for update on a replica",
                        "25006",
                        ErrorKind.READ_ONLY_REFUSAL,
                        test -> failure(test.onReplica(), "SELECT * FROM item FOR UPDATE")),
                new Row(
                        "insert in a read-only transaction",
                        "25006",
                        ErrorKind.READ_ONLY_REFUSAL,
                        PostgresqlErrorsTests::writeInReadOnlyTransaction),
                new Row(
                        "query after a kill while idle",
                        "08006",
                        ErrorKind.NODE_FAULT,
                        test -> failure(test.killed(), "SELECT 1")),
                new Row(
                        "begin after a kill while idle",
                        "08006",
                        ErrorKind.NODE_FAULT,
                        test -> failure(test.killed().beginTransaction())),
                new Row(
                        "kill while running",
                        "57P01",
                        ErrorKind.NODE_FAULT,
                        test -> test.whileSleeping(
                                test.onPrimary(),
                                primary(),
                                pid -> primary().query("SELECT pg_terminate_backend(" + pid + ")"))),
                new Row(
                        "kill -9 of the server while running",
                        "08006",
                        ErrorKind.NODE_FAULT,
                        test -> test.whileSleeping(
                                test.onReplica(), replica(), pid -> replica().kill())),
                new Row(
                        "stop of the server while running",
                        "57P01",
                        ErrorKind.NODE_FAULT,
                        test -> test.whileSleeping(
                                test.onReplica(), replica(), pid -> replica().stop())),
                new Row(
                        "kill -9 of another backend",
                        "08006",
                        ErrorKind.NODE_FAULT,
                        PostgresqlErrorsTests::crashOfAnotherBackend),
                new Row(
                        "connect while shutting down",
                        "57P03",
                        ErrorKind.NODE_FAULT,
                        PostgresqlErrorsTests::connectWhileShuttingDown),
                new Row("connection refused", "08003", ErrorKind.NODE_FAULT, test -> {
                    replica().stop();
                    return failure(test.connect(test.options(replica())));
                }),
                new Row(
                        "unknown host",
                        "08003",
                        ErrorKind.NODE_FAULT,
                        test -> failure(test.connect(test.sessions.address("nowhere.invalid", 5432)))),
                new Row(
                        "too many connections",
                        "53300",
                        ErrorKind.SATURATION,
                        test -> failure(test.connect(test.options(replica())).repeat(12))),
                new Row(
                        "wrong password",
                        "28P01",
                        ErrorKind.USER,
                        test -> failure(test.connect(test.options(primary())
                                .mutate()
                                .option(ConnectionFactoryOptions.PASSWORD, "wrong")
                                .build()))),
                new Row(
                        "unknown database",
                        "3D000",
                        ErrorKind.USER,
                        test -> failure(test.connect(test.options(primary())
                                .mutate()
                                .option(ConnectionFactoryOptions.DATABASE, "nowhere")
                                .build()))),
                new Row("statement timeout", "57014", ErrorKind.USER, test -> {
                    Connection connection = test.onPrimary();
                    run(connection, "SET statement_timeout = '100ms'");
                    return failure(connection, SLEEP);
                }),
                new Row("cancel request", "57014", ErrorKind.USER, test -> {
                    PostgresqlConnection connection = (PostgresqlConnection) test.onPrimary();
                    return test.whileSleeping(
                            connection,
                            primary(),
                            pid -> connection.cancelRequest().block(LIMIT));
                }),
                new Row("lock timeout", "55P03", ErrorKind.USER, PostgresqlErrorsTests::lockTimeout),
                new Row("deadlock", "40P01", ErrorKind.USER, PostgresqlErrorsTests::deadlock),
                new Row(
                        "conflict with recovery",
                        "40001",
                        ErrorKind.RECOVERY_CONFLICT,
                        PostgresqlErrorsTests::recoveryConflict),
                new Row(
                        "duplicate key",
                        "23505",
                        ErrorKind.USER,
                        test -> failure(test.onPrimary(), "INSERT INTO item VALUES (1)")),
                new Row("syntax error", "42601", ErrorKind.USER, test -> failure(test.onPrimary(), "SELEC 1")));
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
        Throwable error = row.provocation().provoke(this);
        assertThat(error).isInstanceOfSatisfying(R2dbcException.class, answered -> {
            assertThat(answered.getSqlState()).isEqualTo(row.state());
            assertThat(PostgresqlErrors.classify(answered)).isEqualTo(row.kind());
        });
    }

    private Throwable writeInReadOnlyTransaction() {
        Connection connection = onPrimary();
        run(connection, "BEGIN READ ONLY");
        return failure(connection, "INSERT INTO item VALUES (10)");
    }

    private Connection killed() {
        Connection connection = onPrimary();
        Integer pid = value(connection, "SELECT pg_backend_pid()", Integer.class);
        primary().query("SELECT pg_terminate_backend(" + pid + ")");
        await().atMost(LIMIT)
                .until(() ->
                        !Mono.from(connection.validate(ValidationDepth.LOCAL)).block(LIMIT));
        return connection;
    }

    private Throwable crashOfAnotherBackend() {
        Connection connection = onReplica();
        ProcessHandle another = ProcessHandle.of(value(onReplica(), "SELECT pg_backend_pid()", Integer.class))
                .orElseThrow();
        Throwable error = whileSleeping(connection, replica(), pid -> another.destroyForcibly());
        // All of them are started anew.
        await().atMost(LIMIT).ignoreExceptions().until(() -> !replica().isPrimary());
        return error;
    }

    /** A smart shutdown waits for the sessions there are, and lets no other in. */
    private Throwable connectWhileShuttingDown() {
        onReplica();
        ProcessHandle.of(replica().pid()).orElseThrow().destroy();
        Mono<Throwable> attempt =
                connect(options(replica())).then(Mono.<Throwable>empty()).onErrorResume(Mono::just);
        Throwable refusal = await().atMost(LIMIT).until(() -> attempt.block(LIMIT), error -> error != null);
        replica().stop();
        return refusal;
    }

    private Throwable lockTimeout() {
        Connection holder = onPrimary();
        run(holder, "BEGIN");
        run(holder, "UPDATE item SET id = id WHERE id = 1");
        Connection waiting = onPrimary();
        run(waiting, "SET lock_timeout = '100ms'");
        return failure(waiting, "UPDATE item SET id = id WHERE id = 1");
    }

    private Throwable deadlock() {
        Connection one = onPrimary();
        Connection other = onPrimary();
        run(one, "BEGIN");
        run(other, "BEGIN");
        run(one, "UPDATE item SET id = id WHERE id = 1");
        run(other, "UPDATE item SET id = id WHERE id = 2");
        CompletableFuture<Throwable> first = failing(one, "UPDATE item SET id = id WHERE id = 2");
        CompletableFuture<Throwable> second = failing(other, "UPDATE item SET id = id WHERE id = 1");
        return victim(first, second);
    }

    private Throwable recoveryConflict() {
        run(onPrimary(), "INSERT INTO item SELECT generate_series(100, 200)");
        CLUSTER.cluster().awaitReplication();
        CompletableFuture<Throwable> reading = failing(onReplica(), "SELECT count(*) FROM item, pg_sleep(30)");
        awaitSleeping(replica());
        primary().execute("DELETE FROM item WHERE id >= 100");
        primary().execute("VACUUM item");
        return reading.join();
    }

    private Throwable whileSleeping(Connection connection, ClusterNode node, IntConsumer action) {
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

    private Connection onPrimary() {
        return sessions.open(primary());
    }

    private Connection onReplica() {
        return sessions.open(replica());
    }

    private Mono<Connection> connect(ConnectionFactoryOptions options) {
        return sessions.open(options);
    }

    private ConnectionFactoryOptions options(ClusterNode node) {
        return sessions.address(node.host(), node.port());
    }

    private static ClusterNode primary() {
        return CLUSTER.cluster().primary();
    }

    private static ClusterNode replica() {
        return CLUSTER.cluster().replicas().get(0);
    }
}
