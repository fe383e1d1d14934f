package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.NoSuchOptionException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Opens connections to one node, for every purpose. */
public final class NodeConnections {

    private final Driver driver;
    private final Map<ConnectionPurpose, ConnectionFactory> factories = new EnumMap<>(ConnectionPurpose.class);
    private final DriverCalls calls;
    private final Scheduler scheduler;
    private final BackgroundTasks background;
    private final Set<DriverConnection> open = ConcurrentHashMap.newKeySet();

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
        this.calls = new DriverCalls(driver.dialect(), node.id(), exchangeTimeout, scheduler);
        this.scheduler = scheduler;
        this.background = background;
        // All at once and now, since looking for a driver reads the class path, which must not happen later.
        for (ConnectionPurpose purpose : ConnectionPurpose.values()) {
            factories.put(purpose, factory(options(node, purpose)));
        }
    }

    /** The driver reads its options now, and finds what is missing or wrong with them. */
    private ConnectionFactory factory(ConnectionFactoryOptions options) {
        String name = "driver " + driver.dialect().driver();
        try {
            return ConnectionFactories.get(options);
        } catch (NoSuchOptionException missing) {
            throw new InvalidRoutingOptionException(
                    missing.getOption().name(), "is missing", "the " + name + " needs it", missing);
        } catch (IllegalArgumentException | IllegalStateException refused) {
            throw new InvalidRoutingOptionException(
                    name, "refuses its options: " + refused.getMessage(), "see its documentation", refused);
        }
    }

    private ConnectionFactoryOptions options(NodeSettings node, ConnectionPurpose purpose) {
        ConnectionFactoryOptions.Builder options =
                ConnectionFactoryOptions.builder().from(driver.options());
        if (purpose == ConnectionPurpose.MONITOR) {
            options.from(driver.monitorOptions());
        }
        ConnectionFactoryOptions addressed = options.option(ConnectionFactoryOptions.HOST, node.host())
                .option(ConnectionFactoryOptions.PORT, node.port())
                .build();
        return driver.dialect().options(addressed, purpose);
    }

    /**
     * The driver, as it is set for all nodes.
     *
     * @param dialect the kind of database
     * @param options its options, without host and port
     * @param monitorOptions what differs for the monitor's connections, such as its user
     * @param template is shown every driver connection that was opened
     */
    public record Driver(
            DatabaseDialect dialect,
            ConnectionFactoryOptions options,
            ConnectionFactoryOptions monitorOptions,
            DriverTemplate template) {}

    public DriverCalls calls() {
        return calls;
    }

    /** Returns a factory of pooled connections, each of which has answered its set-up query. */
    public ConnectionFactory pooled(ConnectionPurpose purpose) {
        return new DriverConnectionFactory(factory(purpose), this::openAndSetUp, driver.dialect());
    }

    /** Returns a cold {@link Mono} of the monitor's bare driver connection; whoever gets it closes it. */
    Mono<Connection> monitor() {
        return bare(ConnectionPurpose.MONITOR);
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

    /** Tells all who have something under way on a connection of a pool that the node has not answered. */
    public void unheard(NodeState node) {
        open.forEach(connection -> connection.tellUnheard(node));
    }

    private Mono<Connection> bare(ConnectionPurpose purpose) {
        ConnectionFactory factory = factory(purpose);
        return opening(() -> open(factory));
    }

    private Mono<Connection> openAndSetUp(ConnectionFactory factory) {
        return opening(() -> open(factory).flatMap(this::setUp));
    }

    private Mono<Connection> opening(Supplier<Mono<Connection>> attempt) {
        return calls.opening(
                attempt, connection -> background.run("closing a connection that came too late", close(connection)));
    }

    private ConnectionFactory factory(ConnectionPurpose purpose) {
        return Objects.requireNonNull(factories.get(purpose));
    }

    private Mono<Connection> open(ConnectionFactory factory) {
        return calls.<Connection>unbounded(factory::create).doOnNext(driver.template()::opened);
    }

    private Mono<Connection> setUp(Connection connection) {
        // Open before the question is sent: whatever the answer says was sampled while the connection was open.
        long openedAt = scheduler.now(TimeUnit.NANOSECONDS);
        return calls.bounded("the set-up query", () -> driver.dialect().setUp(connection))
                .<Connection>map(setUp -> new DriverConnection(connection, calls, setUp, openedAt, open::remove))
                .doOnNext(ready -> open.add((DriverConnection) ready))
                .onErrorResume(error -> close(connection).then(Mono.error(error)));
    }
}
