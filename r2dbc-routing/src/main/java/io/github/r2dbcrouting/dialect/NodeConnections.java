package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.credentials.Credentials;
import io.github.r2dbcrouting.credentials.Logins;
import io.github.r2dbcrouting.credentials.SecretSource;
import io.github.r2dbcrouting.credentials.TlsFailure;
import io.github.r2dbcrouting.error.Explained;
import io.github.r2dbcrouting.error.LoginRefusedException;
import io.github.r2dbcrouting.sql.FunctionCatalog;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.concurrent.Queues;

/** Opens connections to one node, for every purpose. */
public final class NodeConnections {

    private final Driver driver;
    private final NodeSettings node;
    private final Map<ConnectionPurpose, Way> ways = new EnumMap<>(ConnectionPurpose.class);
    private final DriverCalls calls;
    private final Duration exchangeTimeout;
    private final Scheduler scheduler;
    private final BackgroundTasks background;
    private final Set<DriverConnection> open = ConcurrentHashMap.newKeySet();
    private volatile int serverLimit;

    /**
     * Creates the opener of one node.
     *
     * @param exchangeTimeout bounds every exchange of the library's own, opening a connection included
     * @param scheduler times the exchanges and is the clock of {@link DriverConnection#openedAt()}
     * @param background closes what was opened for somebody who has gone meanwhile
     */
    public NodeConnections(
            Driver driver,
            NodeSettings node,
            Duration exchangeTimeout,
            Scheduler scheduler,
            BackgroundTasks background) {
        this.driver = driver;
        this.node = node;
        this.calls = new DriverCalls(driver.dialect(), node.id(), exchangeTimeout, scheduler);
        this.exchangeTimeout = exchangeTimeout;
        this.scheduler = scheduler;
        this.background = background;
        // All at once and now, since reading the options may read files, which must not happen later on these threads.
        Logins logins = driver.logins();
        NodeLogin app = login(logins.app());
        ways.put(ConnectionPurpose.PRIMARY, way(ConnectionPurpose.PRIMARY, logins.app(), app));
        ways.put(ConnectionPurpose.REPLICA, way(ConnectionPurpose.REPLICA, logins.app(), app));
        ways.put(ConnectionPurpose.MONITOR, way(ConnectionPurpose.MONITOR, logins.monitor(), login(logins.monitor())));
        Credentials control = logins.control();
        if (control != null) {
            ways.put(ConnectionPurpose.CONTROL, way(ConnectionPurpose.CONTROL, control, login(control)));
        }
    }

    /** How connections for a purpose are opened, and as whom. */
    private record Way(DriverOpener opener, NodeLogin login) {}

    private NodeLogin login(Credentials credentials) {
        // Half the time, so that a supplier that hangs is told from a node that does.
        return new NodeLogin(
                node.id(), source(credentials), exchangeTimeout.dividedBy(2), scheduler, driver.blocking());
    }

    private SecretSource source(Credentials credentials) {
        return new SecretSource(credentials.password(), driver.logins().tls());
    }

    private Way way(ConnectionPurpose purpose, Credentials credentials, NodeLogin login) {
        SecretSource source = source(credentials);
        return new Way(
                new DriverOpener(
                        driver.dialect(),
                        options(purpose, credentials.user()),
                        source.known(),
                        source.isFixed(),
                        driver.blocking()),
                login);
    }

    private ConnectionFactoryOptions options(ConnectionPurpose purpose, @Nullable String user) {
        ConnectionFactoryOptions.Builder options = driver.options()
                .mutate()
                .option(ConnectionFactoryOptions.HOST, node.host())
                .option(ConnectionFactoryOptions.PORT, node.port());
        if (user != null) {
            options.option(ConnectionFactoryOptions.USER, user);
        }
        return driver.dialect().options(options.build(), purpose);
    }

    /**
     * The driver, as it is set for all nodes.
     *
     * @param dialect the kind of database
     * @param options its options, without host, port and password
     * @param logins who logs in
     * @param template is shown every driver connection that was opened
     * @param blocking may read files, and runs the suppliers of passwords and TLS material
     */
    public record Driver(
            DatabaseDialect dialect,
            ConnectionFactoryOptions options,
            Logins logins,
            DriverTemplate template,
            Scheduler blocking) {

        /** Only the name: not every driver marks all of its secrets as such. */
        @Override
        public String toString() {
            return "driver " + dialect.driver();
        }
    }

    public DriverCalls calls() {
        return calls;
    }

    /** Notes how many connections the server lets in at most. */
    void serverLimit(int limit) {
        serverLimit = limit;
    }

    /** Returns how many connections the server lets in at most, or 0 while unknown. */
    public int serverLimit() {
        return serverLimit;
    }

    /**
     * Returns a factory of pooled connections, each of which has answered its set-up query.
     *
     * @param life how many nanoseconds the next one is to live; asked for each
     */
    public ConnectionFactory pooled(ConnectionPurpose purpose, LongSupplier life) {
        return new DriverConnectionFactory(() -> openAndSetUp(purpose, life), driver.dialect());
    }

    /** Sets what is run when pooled connections are to make way for ones that were opened with another secret. */
    public void whenRenewed(Runnable task) {
        way(ConnectionPurpose.PRIMARY).login.whenRenewed(task);
    }

    /**
     * Returns a cold {@link Mono} that asks whether the secret of pooled connections has changed, and has it tried if so: once
     * the node has accepted it they make way.
     */
    public Mono<Void> renewIfChanged() {
        return way(ConnectionPurpose.PRIMARY)
                .login
                .hasChanged()
                .filter(changed -> changed)
                .flatMap(changed -> bare(ConnectionPurpose.PRIMARY))
                .flatMap(this::close);
    }

    /** Has the driver read the files that its options name anew. */
    public void forget() {
        ways.values().forEach(way -> way.opener.forget());
    }

    /** Returns a cold {@link Mono} of the monitor's bare driver connection; whoever gets it closes it. */
    Mono<Connection> monitor() {
        return bare(ConnectionPurpose.MONITOR);
    }

    /** Returns whether there is a user that commands the node. */
    boolean hasControl() {
        return ways.containsKey(ConnectionPurpose.CONTROL);
    }

    /** Returns a cold {@link Mono} of a bare driver connection of the control user; whoever gets it closes it. */
    Mono<Connection> control() {
        return bare(ConnectionPurpose.CONTROL);
    }

    String controlUser() {
        Credentials control = driver.logins().control();
        return control == null ? "" : String.valueOf(control.user());
    }

    /** Returns a cold {@link Mono} that asks which replicas the node knows, over a connection of the monitor's user that is closed then. */
    public Mono<List<ReportedReplica>> replicas() {
        return Mono.usingWhen(
                monitor(),
                connection -> calls.bounded(
                        "a look at replicas", () -> driver.dialect().replicas(connection)),
                this::close);
    }

    /**
     * Returns a cold {@link Mono} that asks what there is to know of the functions that the application's user may call, over a
     * connection of its own.
     */
    public Mono<FunctionCatalog> functions() {
        return Mono.usingWhen(
                bare(ConnectionPurpose.REPLICA),
                connection -> calls.bounded(
                        "a look at functions", () -> driver.dialect().functions(connection)),
                this::close);
    }

    /** Closes a bare connection, within the exchange timeout; its errors are of no interest any more. */
    Mono<Void> close(Connection connection) {
        return calls.<Void>bounded("close", connection::close).onErrorComplete();
    }

    /**
     * Cancels the statement that runs on a connection of this node. Where this takes another connection, it is one of the
     * statement's own user: others, the monitor's included, need a privilege for it.
     */
    public Mono<Void> cancel(DriverConnection target) {
        return target.cancelAtServer(bare(ConnectionPurpose.PRIMARY));
    }

    /** Returns the pooled connections that somebody has. */
    public List<DriverConnection> held() {
        return open.stream().filter(DriverConnection::isHeld).toList();
    }

    /**
     * Returns a cold {@link Mono} that closes the pooled connections that nobody has. For a node that has gone: what was given back to its
     * pool in the moment in which that was disposed of may have been forgotten by it.
     */
    public Mono<Void> closeUnused() {
        return Flux.fromIterable(open)
                .filter(connection -> !connection.isHeld())
                .flatMapDelayError(DriverConnection::close, Queues.SMALL_BUFFER_SIZE, 1)
                .onErrorComplete()
                .then();
    }

    /** Tells all who have something under way on a connection of a pool that the node has not answered. */
    public void unheard(NodeState node) {
        open.forEach(connection -> connection.tellUnheard(node));
    }

    /**
     * Returns whether something under way has been silent for as long as this, and the node too; see
     * {@link DriverConnection#isSilent}.
     */
    public boolean isSilent(long now, long heardAt, long nanos) {
        boolean silent = false;
        for (DriverConnection connection : open) {
            silent |= connection.isSilent(now, heardAt, nanos);
        }
        return silent;
    }

    private Mono<Connection> bare(ConnectionPurpose purpose) {
        return opening(() -> open(purpose));
    }

    private Mono<Connection> openAndSetUp(ConnectionPurpose purpose, LongSupplier life) {
        return opening(() ->
                open(purpose).onErrorMap(this::explain).flatMap(connection -> setUp(connection, life.getAsLong())));
    }

    private Mono<Connection> opening(Supplier<Mono<Connection>> attempt) {
        return calls.opening(
                attempt, connection -> background.run("closing a connection that came too late", close(connection)));
    }

    /** What the server says to a login is meant for whoever configured it. */
    private Throwable explain(Throwable error) {
        return error instanceof R2dbcException refusal
                        && !(error instanceof Explained)
                        && calls.kindOf(error) == ErrorKind.USER
                ? new LoginRefusedException(calls.node(), login(), FailedProbe.reason(error), refusal)
                : error;
    }

    private String login() {
        String user = driver.logins().app().user();
        Object database = driver.options().getValue(ConnectionFactoryOptions.DATABASE);
        return "user '" + (user == null ? driver.options().getValue(ConnectionFactoryOptions.USER) : user)
                + (database == null ? "'" : "', database '" + database + "',");
    }

    private Way way(ConnectionPurpose purpose) {
        return Objects.requireNonNull(ways.get(purpose));
    }

    private Mono<Connection> open(ConnectionPurpose purpose) {
        Way way = way(purpose);
        return way.login
                .open(secret -> calls.<Connection>unbounded(() -> way.opener.open(secret)))
                .onErrorMap(error -> TlsFailure.explain(node, error))
                .doOnNext(driver.template()::opened);
    }

    private Mono<Connection> setUp(Connection connection, long life) {
        // Open before the question is sent: whatever the answer says was sampled while the connection was open.
        long openedAt = scheduler.now(TimeUnit.NANOSECONDS);
        return calls.bounded("the set-up query", () -> driver.dialect().setUp(connection))
                .<Connection>map(setUp -> new DriverConnection(connection, calls, setUp, openedAt, life, open::remove))
                .doOnNext(ready -> open.add((DriverConnection) ready))
                .onErrorResume(error -> close(connection).then(Mono.error(error)));
    }
}
