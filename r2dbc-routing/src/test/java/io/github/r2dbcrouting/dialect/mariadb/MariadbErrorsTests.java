package io.github.r2dbcrouting.dialect.mariadb;

import static io.github.r2dbcrouting.dialect.DriverSessions.after;
import static io.github.r2dbcrouting.dialect.DriverSessions.failing;
import static io.github.r2dbcrouting.dialect.DriverSessions.failure;
import static io.github.r2dbcrouting.dialect.DriverSessions.value;
import static io.github.r2dbcrouting.dialect.DriverSessions.victim;
import static io.github.r2dbcrouting.dialect.DriverSessions.with;
import static io.github.r2dbcrouting.dialect.ErrorKind.NODE_FAULT;
import static io.github.r2dbcrouting.dialect.ErrorKind.NODE_SHORTAGE;
import static io.github.r2dbcrouting.dialect.ErrorKind.READ_ONLY_REFUSAL;
import static io.github.r2dbcrouting.dialect.ErrorKind.SATURATION;
import static io.github.r2dbcrouting.dialect.ErrorKind.UNSENT;
import static io.r2dbc.spi.ConnectionFactoryOptions.DATABASE;
import static io.r2dbc.spi.ConnectionFactoryOptions.PASSWORD;
import static io.r2dbc.spi.ConnectionFactoryOptions.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.dialect.DriverSessions;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.ValidationDepth;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
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

    private static final String INSERT = "INSERT INTO item VALUES (10)";
    private static final String LOCK = "SELECT id FROM item WHERE id = %d FOR UPDATE";

    private DriverSessions sessions;

    /** {@code answer} is the SQLSTATE and the code. */
    private record Row(String name, String answer, ErrorKind kind, Function<DriverSessions, Throwable> provocation) {

        @Override
        public String toString() {
            return name + ": " + answer + " is " + kind;
        }
    }

    static Stream<Row> rows() {
        return Stream.of(connecting(), working(), translated()).flatMap(Function.identity());
    }

    private static Stream<Row> connecting() {
        return Stream.of(
                new Row("connection refused", "H1000/9000", NODE_FAULT, driver -> {
                    replica().stop();
                    return driver.refusal(driver.address(replica()));
                }),
                new Row(
                        "unknown host",
                        "H1000/9000",
                        NODE_FAULT,
                        driver -> driver.refusal(driver.address("nowhere.invalid", 3306))),
                new Row(
                        "too many connections",
                        "H1000/9000",
                        SATURATION,
                        driver -> driver.refusal(driver.address(replica()), 13)),
                new Row(
                        "too many connections of a user",
                        "H1000/9000",
                        SATURATION,
                        driver -> driver.refusal(
                                with(with(driver.address(primary()), USER, "few"), PASSWORD, "secret"), 1)),
                new Row(
                        "wrong password",
                        "H1000/9000",
                        ErrorKind.USER,
                        driver -> driver.refusal(with(driver.address(primary()), PASSWORD, "wrong"))),
                new Row(
                        "unknown database",
                        "H1000/9000",
                        ErrorKind.USER,
                        driver -> driver.refusal(with(driver.superuser(primary()), DATABASE, "nowhere"))));
    }

    private static Stream<Row> working() {
        return Stream.of(
                new Row(
                        "insert on a replica",
                        "HY000/1290",
                        READ_ONLY_REFUSAL,
                        driver -> failure(driver.onReplica(), INSERT)),
                new Row(
                        "create on a replica",
                        "HY000/1290",
                        READ_ONLY_REFUSAL,
                        driver -> failure(driver.onReplica(), "CREATE TABLE other (id INT)")),
                new Row(
                        "insert in a read-only transaction",
                        "25006/1792",
                        READ_ONLY_REFUSAL,
                        driver -> failure(after(driver.onPrimary(), "START TRANSACTION READ ONLY"), INSERT)),
                new Row(
                        "query after a kill while idle",
                        "null/0",
                        UNSENT,
                        driver -> failure(killed(driver.onPrimary()), "SELECT 1")),
                new Row(
                        "begin after a kill while idle",
                        "null/0",
                        UNSENT,
                        driver -> failure(killed(driver.onPrimary()).beginTransaction())),
                new Row(
                        "commit after a kill while idle",
                        "null/0",
                        UNSENT,
                        driver -> failure(killed(after(driver.onPrimary(), "START TRANSACTION"))
                                .commitTransaction())),
                new Row(
                        "kill while running",
                        "08000/0",
                        NODE_FAULT,
                        driver -> whileSleeping(
                                driver.onPrimary(), primary(), id -> primary().execute("KILL " + id))),
                new Row(
                        "stop of the server while running",
                        "08000/0",
                        NODE_FAULT,
                        driver -> whileSleeping(
                                driver.onReplica(), replica(), id -> replica().stop())),
                new Row(
                        "kill -9 of the server while running",
                        "08000/0",
                        NODE_FAULT,
                        driver -> whileSleeping(
                                driver.onReplica(), replica(), id -> replica().kill())),
                new Row(
                        "statement timeout",
                        "70100/1969",
                        ErrorKind.USER,
                        driver -> failure(after(driver.onPrimary(), "SET max_statement_time = 0.1"), SLEEP)),
                new Row(
                        "KILL QUERY",
                        "70100/1317",
                        ErrorKind.USER,
                        driver -> whileSleeping(
                                driver.onPrimary(), primary(), id -> primary().execute("KILL QUERY " + id))),
                new Row("lock wait timeout", "HY000/1205", ErrorKind.USER, MariadbErrorsTests::lockTimeout),
                new Row("deadlock", "40001/1213", ErrorKind.USER, MariadbErrorsTests::deadlock),
                new Row(
                        "duplicate key",
                        "23000/1062",
                        ErrorKind.USER,
                        driver -> failure(driver.onPrimary(), "INSERT INTO item VALUES (1)")),
                new Row("syntax error", "42000/1064", ErrorKind.USER, driver -> failure(driver.onPrimary(), "SELEC 1")),
                new Row(
                        "value that cannot be decoded",
                        "H1000/9000",
                        ErrorKind.USER,
                        driver -> failure(decoded(driver.onPrimary(), "SELECT 100000", Short.class))),
                new Row(
                        "type without a codec",
                        "null/0",
                        ErrorKind.USER,
                        driver -> failure(decoded(driver.onPrimary(), "SELECT 1", Thread.class))));
    }

    /** Made by the driver's own translation of what a server says. */
    private static Stream<Row> translated() {
        return Stream.of(
                new Row(
                        "translated: shutdown in progress",
                        "08S01/1053",
                        NODE_FAULT,
                        driver -> answer("Server shutdown in progress", "08S01", 1053)),
                new Row(
                        "translated: connection was killed",
                        "70100/1927",
                        NODE_FAULT,
                        driver -> answer("Connection was killed", "70100", 1927)),
                new Row(
                        "translated: network error",
                        "08S01/1158",
                        NODE_FAULT,
                        driver -> answer("Got an error reading communication packets", "08S01", 1158)),
                new Row(
                        "translated: packet too large",
                        "08S01/1153",
                        ErrorKind.USER,
                        driver -> answer("Got a packet bigger than 'max_allowed_packet' bytes", "08S01", 1153)),
                new Row(
                        "translated: disk full",
                        "HY000/1021",
                        NODE_SHORTAGE,
                        driver -> answer(
                                "Disk full (/tmp/#sql_1); waiting for someone to free some space", "HY000", 1021)),
                new Row(
                        "translated: crashed table",
                        "HY000/1194",
                        NODE_SHORTAGE,
                        driver -> answer("Table 'item' is marked as crashed and should be repaired", "HY000", 1194)),
                new Row(
                        "translated: another option prevents it",
                        "HY000/1290",
                        ErrorKind.USER,
                        driver -> answer(
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
                        + " CREATE USER few@'%' IDENTIFIED BY 'secret' WITH MAX_USER_CONNECTIONS 1;"
                        + " GRANT SELECT ON app.* TO few@'%'");
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
        Throwable error = row.provocation().apply(sessions);
        assertThat(error).isInstanceOfSatisfying(R2dbcException.class, answered -> {
            assertThat(answered.getSqlState() + "/" + answered.getErrorCode()).isEqualTo(row.answer());
            assertThat(MariadbErrors.classify(answered)).isEqualTo(row.kind());
        });
    }

    private static Connection killed(Connection connection) {
        primary().execute("KILL " + value(connection, "SELECT CONNECTION_ID()", Long.class));
        await().atMost(LIMIT)
                .until(() ->
                        !Mono.from(connection.validate(ValidationDepth.LOCAL)).block(LIMIT));
        return connection;
    }

    /** By a variable, since the driver's own setting does nothing. */
    private static Throwable lockTimeout(DriverSessions driver) {
        after(after(driver.onPrimary(), "START TRANSACTION"), LOCK.formatted(1));
        return failure(after(driver.onPrimary(), "SET innodb_lock_wait_timeout = 1"), LOCK.formatted(1));
    }

    private static Throwable deadlock(DriverSessions driver) {
        Connection one = after(after(driver.onPrimary(), "START TRANSACTION"), LOCK.formatted(1));
        Connection other = after(after(driver.onPrimary(), "START TRANSACTION"), LOCK.formatted(2));
        return victim(failing(one, LOCK.formatted(2)), failing(other, LOCK.formatted(1)));
    }

    private static Flux<?> decoded(Connection connection, String sql, Class<?> type) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0, type)));
    }

    private static Throwable whileSleeping(Connection connection, ClusterNode node, LongConsumer action) {
        long id = value(connection, "SELECT CONNECTION_ID()", Long.class);
        CompletableFuture<Throwable> running = failing(connection, SLEEP);
        await().atMost(LIMIT)
                .until(() -> !node.query("SELECT 1 FROM information_schema.processlist WHERE info = '" + SLEEP + "'")
                        .isEmpty());
        action.accept(id);
        return running.join();
    }

    private static ClusterNode primary() {
        return CLUSTER.cluster().primary();
    }

    private static ClusterNode replica() {
        return CLUSTER.cluster().replicas().get(0);
    }
}
