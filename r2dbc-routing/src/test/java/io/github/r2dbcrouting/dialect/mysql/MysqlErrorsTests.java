package io.github.r2dbcrouting.dialect.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.asyncer.r2dbc.mysql.message.server.ErrorMessage;
import io.github.r2dbcrouting.credentials.Credentials;
import io.github.r2dbcrouting.credentials.Logins;
import io.github.r2dbcrouting.credentials.PasswordSource;
import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.ConnectionPurpose;
import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.dialect.DriverTemplate;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Every kind of error of the MySQL driver: those of connecting are real, what a server would say is what the driver makes
 * of its packet.
 */
class MysqlErrorsTests {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** What a MySQL 8 server says; {@code seen} is the SQLSTATE that the driver leaves. */
    private record Row(int code, String state, @Nullable String seen, String message, ErrorKind kind) {

        @Override
        public String toString() {
            return message + ": " + seen + "/" + code + " is " + kind;
        }
    }

    static Stream<Row> rows() {
        String readOnly = "The MySQL server is running with the %s option so it cannot execute this statement";
        return Stream.of(
                new Row(1290, "HY000", null, readOnly.formatted("--read-only"), ErrorKind.READ_ONLY_REFUSAL),
                new Row(1290, "HY000", null, readOnly.formatted("--super-read-only"), ErrorKind.READ_ONLY_REFUSAL),
                new Row(1290, "HY000", null, readOnly.formatted("--secure-file-priv"), ErrorKind.USER),
                new Row(
                        1792,
                        "25006",
                        null,
                        "Cannot execute statement in a READ ONLY transaction.",
                        ErrorKind.READ_ONLY_REFUSAL),
                new Row(1040, "08004", null, "Too many connections", ErrorKind.SATURATION),
                new Row(
                        1203,
                        "42000",
                        "42000",
                        "User app already has more than 'max_user_connections' active connections",
                        ErrorKind.SATURATION),
                new Row(
                        1226,
                        "42000",
                        "42000",
                        "User 'app' has exceeded the 'max_user_connections' resource (current value: 1)",
                        ErrorKind.SATURATION),
                new Row(1053, "08S01", null, "Server shutdown in progress", ErrorKind.NODE_FAULT),
                new Row(3032, "HY000", null, "The server is currently in offline mode", ErrorKind.NODE_FAULT),
                new Row(
                        4031,
                        "HY000",
                        null,
                        "The client was disconnected by the server because of inactivity.",
                        ErrorKind.UNSENT),
                new Row(1021, "HY000", null, "Disk full (/tmp/#sql_1); waiting", ErrorKind.NODE_SHORTAGE),
                new Row(1037, "HY001", null, "Out of memory; restart server and try again", ErrorKind.NODE_SHORTAGE),
                new Row(1195, "HY000", null, "Table 'item' is marked as crashed", ErrorKind.NODE_SHORTAGE),
                new Row(1836, "HY000", null, "Running in read-only mode", ErrorKind.READ_ONLY_REFUSAL),
                new Row(1045, "28000", "28000", "Access denied for user 'app'@'localhost'", ErrorKind.USER),
                new Row(1049, "42000", "42000", "Unknown database 'nowhere'", ErrorKind.USER),
                new Row(
                        3024,
                        "HY000",
                        "HY000",
                        "Query execution was interrupted, maximum statement execution time exceeded",
                        ErrorKind.USER),
                new Row(1317, "70100", "70100", "Query execution was interrupted", ErrorKind.USER),
                new Row(1205, "HY000", "HY000", "Lock wait timeout exceeded", ErrorKind.USER),
                new Row(1213, "40001", "40001", "Deadlock found when trying to get lock", ErrorKind.USER),
                new Row(1062, "23000", "23000", "Duplicate entry '1' for key 'PRIMARY'", ErrorKind.USER),
                new Row(1064, "42000", "42000", "You have an error in your SQL syntax", ErrorKind.USER));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldTellTheKindOfWhatAServerSaysAsTheDriverTranslatesIt(Row row) {
        R2dbcException error = translated(row);
        assertThat(error.getSqlState()).isEqualTo(row.seen());
        assertThat(MysqlErrors.classify(error)).isEqualTo(row.kind());
    }

    @Test
    void shouldNotTakeAValueThatCannotBeDecodedForABrokenConnection() {
        assertThat(MysqlErrors.classify(
                        new R2dbcNonTransientResourceException("The value 'x' of type 'VARCHAR' cannot be decoded")))
                .isEqualTo(ErrorKind.USER);
    }

    @Test
    void shouldTakeAConnectionThatTheServerClosesForABrokenOne() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Mono<Void> hangUp = Mono.<Void>fromCallable(() -> {
                        server.accept().close();
                        return null;
                    })
                    .onErrorComplete()
                    .subscribeOn(Schedulers.boundedElastic());
            hangUp.subscribe();
            Throwable error = connect("127.0.0.1", server.getLocalPort());
            assertThat(error).isInstanceOfSatisfying(R2dbcException.class, closed -> {
                assertThat(closed.getErrorCode()).isZero();
                assertThat(closed.getSqlState()).isNull();
                assertThat(MysqlErrors.classify(closed)).isEqualTo(ErrorKind.NODE_FAULT);
            });
        }
    }

    @Test
    void shouldWrapTheRawErrorOfARefusedConnection() throws IOException {
        int port;
        try (ServerSocket closedAtOnce = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closedAtOnce.getLocalPort();
        }
        assertThat(connect("127.0.0.1", port))
                .isInstanceOf(NodeUnreachableException.class)
                .hasMessageContaining("node 127.0.0.1:" + port)
                .hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void shouldWrapTheRawErrorOfAnUnknownHost() {
        assertThat(connect("nowhere.invalid", 3306))
                .isInstanceOf(NodeUnreachableException.class)
                .hasCauseInstanceOf(UnknownHostException.class);
    }

    @Test
    void shouldTakeItsOwnErrorsForWhatTheyAre() {
        assertThat(dialect().kindOf(new NodeUnreachableException("the connection failed", null)))
                .isEqualTo(ErrorKind.NODE_FAULT);
    }

    /** Opens a connection as a pool does. */
    private static Throwable connect(String host, int port) {
        ConnectionFactoryOptions options = ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, "mysql")
                .option(ConnectionFactoryOptions.USER, "app")
                .build();
        Credentials app = new Credentials(null, PasswordSource.from("password", null));
        NodeConnections connections = new NodeConnections(
                new NodeConnections.Driver(
                        dialect(),
                        options,
                        new Logins(app, app, null, null),
                        new DriverTemplate(1),
                        Schedulers.boundedElastic()),
                NodeSettings.of(host, port),
                LIMIT,
                Schedulers.parallel(),
                new BackgroundTasks());
        return catchThrowable(() -> Mono.from(
                        connections.pooled(ConnectionPurpose.PRIMARY, () -> 1).create())
                .block(LIMIT));
    }

    /** As much of a dialect as it takes to fail. */
    private static DatabaseDialect dialect() {
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "classify" -> MysqlErrors.classify((R2dbcException) arguments[0]);
            case "driver" -> "mysql";
            case "options" -> arguments[0];
            case "factory" -> ConnectionFactories.get((ConnectionFactoryOptions) arguments[0]);
            case "asksForPassword" -> false;
            default -> InvocationHandler.invokeDefault(proxy, method, arguments);
        };
        return (DatabaseDialect) Proxy.newProxyInstance(
                DatabaseDialect.class.getClassLoader(), new Class<?>[] {DatabaseDialect.class}, handler);
    }

    private static R2dbcException translated(Row row) {
        ByteBuf packet = Unpooled.buffer();
        packet.writeByte(0xFF).writeShortLE(row.code());
        packet.writeCharSequence("#" + row.state() + row.message(), StandardCharsets.US_ASCII);
        return ErrorMessage.decode(packet).toException();
    }
}
