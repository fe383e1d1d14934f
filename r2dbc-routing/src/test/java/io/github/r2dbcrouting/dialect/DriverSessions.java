package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Connections of a driver alone, on which errors are provoked; all are closed with it. */
public final class DriverSessions implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final String driver;
    private final LocalCluster cluster;
    private final List<Connection> opened = new CopyOnWriteArrayList<>();

    public DriverSessions(String driver, LocalCluster cluster) {
        this.driver = driver;
        this.cluster = cluster;
    }

    /** Opens a connection to the primary as the application's user. */
    public Connection onPrimary() {
        return open(address(cluster.primary())).block(LIMIT);
    }

    /** Opens a connection to the first replica as the application's user. */
    public Connection onReplica() {
        return open(address(cluster.replicas().get(0))).block(LIMIT);
    }

    /** Returns a cold {@link Mono} that opens a connection. */
    public Mono<Connection> open(ConnectionFactoryOptions options) {
        ConnectionFactory factory = ConnectionFactories.get(options);
        return Mono.defer(() -> Mono.<Connection>from(factory.create())).doOnNext(opened::add);
    }

    /** Returns the application's options for a node. */
    public ConnectionFactoryOptions address(ClusterNode node) {
        return address(node.host(), node.port());
    }

    /** Returns the application's options for an address. */
    public ConnectionFactoryOptions address(String host, int port) {
        return ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, driver)
                .option(ConnectionFactoryOptions.HOST, host)
                .option(ConnectionFactoryOptions.PORT, port)
                .option(ConnectionFactoryOptions.USER, cluster.username())
                .option(ConnectionFactoryOptions.PASSWORD, cluster.password())
                .option(ConnectionFactoryOptions.DATABASE, cluster.database())
                .build();
    }

    /** Returns the superuser's options for a node. */
    public ConnectionFactoryOptions superuser(ClusterNode node) {
        return with(
                with(address(node), ConnectionFactoryOptions.USER, cluster.superuserUsername()),
                ConnectionFactoryOptions.PASSWORD,
                cluster.superuserPassword());
    }

    /** Returns the options with another value of one. */
    public static <T> ConnectionFactoryOptions with(ConnectionFactoryOptions options, Option<T> option, T value) {
        return options.mutate().option(option, value).build();
    }

    /** Returns the connection after a statement that must not fail. */
    public static Connection after(Connection connection, String sql) {
        execute(connection, sql).blockLast(LIMIT);
        return connection;
    }

    /** Returns the first value of the first row. */
    public static <T> T value(Connection connection, String sql, Class<T> type) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0, type)))
                .blockFirst(LIMIT);
    }

    /** Returns the error with which a statement fails. */
    public static Throwable failure(Connection connection, String sql) {
        return failure(execute(connection, sql));
    }

    /** Returns the error with which connecting fails, at the latest after some successful attempts. */
    public Throwable refusal(ConnectionFactoryOptions options, int successes) {
        return failure(open(options).repeat(successes));
    }

    /** Returns the error with which connecting fails at once. */
    public Throwable refusal(ConnectionFactoryOptions options) {
        return refusal(options, 0);
    }

    /** Returns the error with which a publisher fails. */
    public static Throwable failure(Publisher<?> publisher) {
        return failing(publisher).join();
    }

    /** Starts a statement that will fail, and returns its error when it has. */
    public static CompletableFuture<Throwable> failing(Connection connection, String sql) {
        return failing(execute(connection, sql));
    }

    private static CompletableFuture<Throwable> failing(Publisher<?> publisher) {
        return Flux.from(publisher)
                .then(Mono.<Throwable>error(() -> new AssertionError("it did not fail")))
                .onErrorResume(Mono::just)
                .timeout(LIMIT)
                .toFuture();
    }

    /** Returns the error of the one of two statements that failed, when both have ended. */
    public static Throwable victim(CompletableFuture<Throwable> one, CompletableFuture<Throwable> other) {
        return one.join() instanceof AssertionError ? other.join() : one.join();
    }

    private static Flux<Long> execute(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute()).concatMap(Result::getRowsUpdated);
    }

    @Override
    public void close() {
        Flux.fromIterable(opened)
                .flatMap(connection -> Mono.from(connection.close())
                        .timeout(Duration.ofSeconds(2))
                        .onErrorComplete())
                .blockLast(LIMIT);
        opened.clear();
    }
}
