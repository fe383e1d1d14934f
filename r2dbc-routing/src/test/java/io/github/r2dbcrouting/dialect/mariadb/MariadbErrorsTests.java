package io.github.r2dbcrouting.dialect.mariadb;

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
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.ValidationDepth;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mariadb.r2dbc.ExceptionFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Every kind of error of the MariaDB driver, provoked on real servers unless its name says otherwise. */
class MariadbErrorsTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(1).setting("max-connections", "12"));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String SLEEP = "SELECT SLEEP(30)";

    private DriverSessions sessions;

    private record Row(String name, int code, @Nullable String state, ErrorKind kind, Provocation provocation) {

        @Override
        public String toString() {
            return name + ": " + state + "/" + code + " is " + kind;
        }
    }

    @FunctionalInterface
    private interface Provocation {
        Throwable provoke(MariadbErrorsTests test);
    }

    static Stream<Row> rows() {
        return Stream.concat(connecting(), Stream.concat(working(), translated()));
    }

    private static Stream<Row> connecting() {
        return Stream.of(
                new Row("connection refused", 9000, "H1000", ErrorKind.NODE_FAULT, test -> {
                    replica().stop();
                    return failure(test.connect(test.options(replica())));
                }),
                new Row(
                        "unknown host",
                        9000,
                        "H1000",
                        ErrorKind.NODE_FAULT,
                        test -> failure(test.connect(test.sessions.address("nowhere.invalid", 3306)))),
                new Row(
                        "too many connections",
                        9000,
                        "H1000",
                        ErrorKind.SATURATION,
                        test -> failure(test.connect(test.options(replica())).repeat(13))),
                new Row(
                        "too many connections of a user",
                        9000,
                        "H1000",
                        ErrorKind.SATURATION,
                        MariadbErrorsTests::tooManyOfAUser),
                new Row(
                        "wrong password",
                        9000,
                        "H1000",
                        ErrorKind.USER,
                        test -> failure(test.connect(test.options(primary())
                                .mutate()
                                .option(ConnectionFactoryOptions.PASSWORD, "wrong")
                                .build()))),
                new Row(
                        "unknown database",
                        9000,
                        "H1000",
                        ErrorKind.USER,
                        test -> failure(test.connect(test.options(primary())
                                .mutate()
                                .option(
                                        ConnectionFactoryOptions.USER,
                                        CLUSTER.cluster().superuserUsername())
                                .option(
                                        ConnectionFactoryOptions.PASSWORD,
                                        CLUSTER.cluster().superuserPassword())
                                .option(ConnectionFactoryOptions.DATABASE, "nowhere")
                                .build()))));
    }

    private static Stream<Row> working() {
        return Stream.of(
                new Row(
                        "insert on a replica",
                        1290,
                        "HY000",
                        ErrorKind.READ_ONLY_REFUSAL,
                        test -> failure(test.onReplica(), "INSERT INTO item VALUES (10)")),
                new Row(
                        "create on a replica",
                        1290,
                        "HY000",
                        ErrorKind.READ_ONLY_REFUSAL,
                        test -> failure(test.onReplica(), "CREATE TABLE other (id INT)")),
                new Row("insert in a read-only transaction", 1792, "25006", ErrorKind.READ_ONLY_REFUSAL, test -> {
                    Connection connection = test.onPrimary();
                    run(connection, "START TRANSACTION READ ONLY");
                    return failure(connection, "INSERT INTO item VALUES (10)");
                }),
                new Row(
                        "query after a kill while idle",
                        0,
                        null,
                        ErrorKind.NODE_FAULT,
                        test -> failure(test.killed(), "SELECT 1")),
                new Row(
                        "begin after a kill while idle",
                        0,
                        null,
                        ErrorKind.NODE_FAULT,
                        test -> failure(test.killed().beginTransaction())),
                new Row(
                        "kill while running",
                        0,
                        "08000",
                        ErrorKind.NODE_FAULT,
                        test -> test.whileSleeping(
                                test.onPrimary(), primary(), id -> primary().execute("KILL " + id))),
                new Row(
                        "kill -9 of the server while running",
                        0,
                        "08000",
                        ErrorKind.NODE_FAULT,
                        test -> test.whileSleeping(
                                test.onReplica(), replica(), id -> replica().kill())),
                new Row(
                        "stop of the server while running",
                        0,
                        "08000",
                        ErrorKind.NODE_FAULT,
                        test -> test.whileSleeping(
                                test.onReplica(), replica(), id -> replica().stop())),
                new Row("statement timeout", 1969, "70100", ErrorKind.USER, test -> {
                    Connection connection = test.onPrimary();
                    run(connection, "SET max_statement_time = 0.1");
                    return failure(connection, SLEEP);
                }),
                new Row(
                        "KILL QUERY",
                        1317,
                        "70100",
                        ErrorKind.USER,
                        test -> test.whileSleeping(
                                test.onPrimary(), primary(), id -> primary().execute("KILL QUERY " + id))),
                new Row("lock wait timeout", 1205, "HY000", ErrorKind.USER, MariadbErrorsTests::lockTimeout),
                new Row("deadlock", 1213, "40001", ErrorKind.USER, MariadbErrorsTests::deadlock),
                new Row(
                        "duplicate key",
                        1062,
                        "23000",
                        ErrorKind.USER,
                        test -> failure(test.onPrimary(), "INSERT INTO item VALUES (1)")),
                new Row("syntax error", 1064, "42000", ErrorKind.USER, test -> failure(test.onPrimary(), "SELEC 1")),
                new Row(
                        "value that cannot be decoded",
                        9000,
                        "H1000",
                        ErrorKind.USER,
                        test -> failure(test.decoded("SELECT 100000", Short.class))),
                new Row(
                        "type without a codec",
                        0,
                        null,
                        ErrorKind.USER,
                        test -> failure(test.decoded("SELECT 1", Thread.class))));
    }

    /** Made by the driver's own translation of what a server says. */
    private static Stream<Row> translated() {
        return Stream.of(
                new Row(
                        "translated: shutdown in progress",
                        1053,
                        "08S01",
                        ErrorKind.NODE_FAULT,
                        test -> answer("Server shutdown in progress", "08S01", 1053)),
                new Row(
                        "translated: connection was killed",
                        1927,
                        "70100",
                        ErrorKind.NODE_FAULT,
                        test -> answer("Connection was killed", "70100", 1927)),
                new Row(
                        "translated: network error",
                        1158,
                        "08S01",
                        ErrorKind.NODE_FAULT,
                        test -> answer("Got an error reading communication packets", "08S01", 1158)),
                new Row(
                        "translated: packet too large",
                        1153,
                        "08S01",
                        ErrorKind.USER,
                        test -> answer("Got a packet bigger than 'max_allowed_packet' bytes", "08S01", 1153)),
                new Row(
                        "translated: another option prevents it",
                        1290,
                        "HY000",
                        ErrorKind.USER,
                        test -> answer(
                                "The MariaDB server is running with the --secure-file-priv option so it cannot execute this"
                                        + " statement",
                                "HY000",
                                1290)));
    }

    private static R2dbcException answer(String message, String state, int code) {
        return ExceptionFactory.createException(message, state, code, "SELECT 1");
    }

    @BeforeAll
    static void createTable() {
        CLUSTER.cluster()
                .execute("CREATE TABLE item (id INT PRIMARY KEY); INSERT INTO item VALUES (1), (2);"
                        + " CREATE USER few@'%' IDENTIFIED BY 'secret' WITH MAX_USER_CONNECTIONS 1");
        CLUSTER.cluster().awaitReplication();
    }

    @BeforeEach
    void open() {
        sessions = new DriverSessions("mariadb", CLUSTER.cluster());
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
            assertThat(answered.getErrorCode()).isEqualTo(row.code());
            assertThat(answered.getSqlState()).isEqualTo(row.state());
            assertThat(MariadbErrors.classify(answered)).isEqualTo(row.kind());
        });
    }

    private Throwable tooManyOfAUser() {
        ConnectionFactoryOptions few = ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, "mariadb")
                .option(ConnectionFactoryOptions.HOST, primary().host())
                .option(ConnectionFactoryOptions.PORT, primary().port())
                .option(ConnectionFactoryOptions.USER, "few")
                .option(ConnectionFactoryOptions.PASSWORD, "secret")
                .build();
        return failure(connect(few).repeat(1));
    }

    private Connection killed() {
        Connection connection = onPrimary();
        primary().execute("KILL " + value(connection, "SELECT CONNECTION_ID()", Long.class));
        await().atMost(LIMIT)
                .until(() ->
                        !Mono.from(connection.validate(ValidationDepth.LOCAL)).block(LIMIT));
        return connection;
    }

    /** The driver's own setting does nothing. */
    private Throwable lockTimeout() {
        Connection holder = onPrimary();
        run(holder, "START TRANSACTION");
        run(holder, "SELECT id FROM item WHERE id = 1 FOR UPDATE");
        Connection waiting = onPrimary();
        run(waiting, "SET innodb_lock_wait_timeout = 1");
        return failure(waiting, "SELECT id FROM item WHERE id = 1 FOR UPDATE");
    }

    private Throwable deadlock() {
        Connection one = onPrimary();
        Connection other = onPrimary();
        run(one, "START TRANSACTION");
        run(other, "START TRANSACTION");
        run(one, "SELECT id FROM item WHERE id = 1 FOR UPDATE");
        run(other, "SELECT id FROM item WHERE id = 2 FOR UPDATE");
        CompletableFuture<Throwable> first = failing(one, "SELECT id FROM item WHERE id = 2 FOR UPDATE");
        CompletableFuture<Throwable> second = failing(other, "SELECT id FROM item WHERE id = 1 FOR UPDATE");
        return victim(first, second);
    }

    private Flux<?> decoded(String sql, Class<?> type) {
        Connection connection = onPrimary();
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0, type)));
    }

    private Throwable whileSleeping(Connection connection, ClusterNode node, LongConsumer action) {
        long id = value(connection, "SELECT CONNECTION_ID()", Long.class);
        CompletableFuture<Throwable> running = failing(connection, SLEEP);
        await().atMost(LIMIT)
                .until(() -> !node.query("SELECT 1 FROM information_schema.processlist WHERE info = '" + SLEEP + "'")
                        .isEmpty());
        action.accept(id);
        return running.join();
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
