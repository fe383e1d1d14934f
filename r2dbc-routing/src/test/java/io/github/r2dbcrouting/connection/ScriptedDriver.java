package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.cost.CostSettings;
import io.github.r2dbcrouting.cost.QueryCosts;
import io.github.r2dbcrouting.credentials.Credentials;
import io.github.r2dbcrouting.credentials.Logins;
import io.github.r2dbcrouting.credentials.PasswordSource;
import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DriverTemplate;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.outlier.Outcomes;
import io.github.r2dbcrouting.outlier.OutlierSettings;
import io.github.r2dbcrouting.pool.DeadlineWatch;
import io.github.r2dbcrouting.pool.NodeAccess;
import io.github.r2dbcrouting.pool.NodePool;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.retry.FallbackGate;
import io.github.r2dbcrouting.retry.FallbackReads;
import io.github.r2dbcrouting.retry.RetryCounts;
import io.github.r2dbcrouting.retry.RetryPolicy;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.selection.SelectionSettings;
import io.github.r2dbcrouting.services.AbandonedExchanges;
import io.github.r2dbcrouting.services.AbandonmentTally;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.services.PrimaryAdmission;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.session.CatchUp;
import io.github.r2dbcrouting.session.Sessions;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import io.github.r2dbcrouting.settings.ExchangeSettings;
import io.github.r2dbcrouting.settings.OptimisticSettings;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.settings.RetrySettings;
import io.github.r2dbcrouting.sql.SqlClassifier;
import io.github.r2dbcrouting.sql.StatementProfiles;
import io.github.r2dbcrouting.switches.Lots;
import io.github.r2dbcrouting.switches.RoutingSwitches;
import io.github.r2dbcrouting.switches.ShadowTally;
import io.github.r2dbcrouting.switches.Steering;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.Topology;
import io.github.r2dbcrouting.transaction.Optimism;
import io.r2dbc.pool.PoolMetrics;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Stands in for a driver and its three servers, below the real pools: one primary, {@code p}, and two replicas, {@code r1} and
 * {@code r2}. Nothing happens unless the test says so, so that every moment of an exchange can be stopped at. What real
 * servers do is tested on real ones.
 */
final class ScriptedDriver implements TopologySource, AutoCloseable {

    static final NodeId PRIMARY = new NodeId("p");

    private static final Duration EXCHANGE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration DRAIN_TIME = Duration.ofMillis(800);
    private static final int DRAIN_ROWS = 3;

    /** Two retries, the second after half of 50 ms, and a budget that no test spends by accident. */
    static final RetrySettings RETRIES = new RetrySettings(
            2,
            Duration.ofMillis(50),
            Duration.ofMillis(200),
            Duration.ofSeconds(10),
            1_000,
            0,
            new RetrySettings.Fallback(2, 2, Duration.ofSeconds(1)));

    final List<ScriptedConnection> connections = new ArrayList<>();
    final List<StatementRoute> routes = new ArrayList<>();
    final List<NodeId> suspected = new ArrayList<>();
    final List<NodeId> refreshed = new ArrayList<>();
    final List<String> admitted = new ArrayList<>();
    final ScriptedDialect dialect = new ScriptedDialect(this::open);
    final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    final RoutingSwitches switches = new RoutingSwitches(
            new RoutingSwitches.Configured(Overrides.NONE, Duration.ofSeconds(5), Duration.ofMillis(500)),
            this::current,
            time,
            Clock.systemUTC());
    final ShadowTally shadow = new ShadowTally();
    final NodeLoads loads;
    final ConnectionServices services;

    /** What the gate says of an acknowledgement. */
    Throwable invalid;

    /** Nodes on whose new connections every call fails but for statements. */
    final List<String> failing = new ArrayList<>();

    /** What a connection waits for before it is open. */
    Mono<Void> opening = Mono.empty();

    /** What happens while a statement is being sent. */
    Runnable whileSending = () -> {};

    /** Nodes that refuse connections. */
    final List<String> unreachable = new ArrayList<>();

    final QueryCosts costs = new QueryCosts(new CostSettings(true, Duration.ofMillis(100)), 10);

    final Outcomes outcomes = new Outcomes(OutlierSettings.defaults());

    private final Sinks.Many<Topology> snapshots = Sinks.many().replay().latest();
    private final BackgroundTasks background = new BackgroundTasks();
    private final NodePools pools;
    private volatile Topology topology;

    ScriptedDriver() {
        this(RETRIES, 2);
    }

    /** No session but those in contexts, so that nothing waits that a test did not mean to. */
    ScriptedDriver(RetrySettings retries, int maxSize) {
        this(retries, maxSize, ConsistencySettings.defaults().withScope(SessionScope.NONE));
    }

    ScriptedDriver(RetrySettings retries, int maxSize, ConsistencySettings sessions) {
        this(retries, pool(new PoolSettings.Size(0, 0, maxSize)), sessions, () -> 0);
    }

    /** Pools that are set like this. */
    ScriptedDriver(PoolSettings pool, DoubleSupplier random) {
        this(RETRIES, pool, ConsistencySettings.defaults().withScope(SessionScope.NONE), random);
    }

    private ScriptedDriver(
            RetrySettings retries, PoolSettings pool, ConsistencySettings sessions, DoubleSupplier random) {
        // The first samples are some time old.
        pass(1_000);
        publish(node("p", NodeRole.PRIMARY), node("r1", NodeRole.REPLICA), node("r2", NodeRole.REPLICA));
        DriverTemplate template = new DriverTemplate(10);
        Credentials user = new Credentials("user", PasswordSource.of("none"));
        NodeConnections.Driver driver = new NodeConnections.Driver(
                dialect,
                ConnectionFactoryOptions.builder()
                        .option(ConnectionFactoryOptions.DRIVER, "scripted")
                        .build(),
                new Logins(user, user, null, null),
                template,
                time);
        Function<NodeSettings, NodeAccess> access = node -> {
            NodeConnections opener = new NodeConnections(driver, node, EXCHANGE_TIMEOUT, time, background);
            return NodeAccess.of(driver, opener, new NodePool(opener, pool, time, random, background), background);
        };
        pools = new NodePools(
                access, topology.nodes().stream().map(NodeState::settings).toList());
        loads = new NodeLoads(() -> time.now(TimeUnit.NANOSECONDS));
        Router router = Router.of(
                SelectionSettings.defaults().balancedBy(LoadBalancer.roundRobin()),
                BranchHistory.unknown(),
                () -> time.now(TimeUnit.NANOSECONDS),
                loads,
                switches::overrides);
        services = new ConnectionServices(
                new ConnectionServices.Routing(
                        this,
                        router,
                        BranchHistory.unknown(),
                        routes::add,
                        new Sessions(
                                sessions,
                                null,
                                new CatchUp(
                                        this,
                                        router,
                                        false,
                                        sessions,
                                        Duration.ofSeconds(2),
                                        time,
                                        switches::extraLag)),
                        new Steering(switches, new Lots(), shadow),
                        loads,
                        new ConnectionServices.Observed(outcomes, costs)),
                pools,
                StatementProfiles.of(SqlClassifier.forDialect(dialect.sqlDialect()), 10),
                new ConnectionServices.Driver(dialect, template),
                this::admit,
                new ExchangeSettings(EXCHANGE_TIMEOUT, DRAIN_TIME, DRAIN_ROWS, Duration.ofSeconds(1)),
                new ConnectionServices.Retrying(
                        new RetryPolicy(retries, time, () -> 0.5), new FallbackGate(retries.fallback(), time)),
                new Optimism(OptimisticSettings.defaults(), time),
                new ConnectionServices.Waiting(Duration.ofSeconds(2), time),
                new ConnectionServices.Watches(
                        new DeadlineWatch(DRAIN_TIME, time),
                        new DeadlineWatch(EXCHANGE_TIMEOUT, time),
                        new AbandonmentTally()),
                background);
    }

    /** Returns settings that change nothing within an hour; nobody waits for longer than a second. */
    static PoolSettings pool(PoolSettings.Size size) {
        return new PoolSettings(
                size,
                Duration.ofHours(1),
                Duration.ofHours(1),
                Duration.ZERO,
                new PoolSettings.Queue(Duration.ofSeconds(1), 100, 0),
                PoolSettings.Timeouts.NONE);
    }

    static Throwable lost() {
        return new R2dbcNonTransientResourceException("the connection is gone");
    }

    /** The driver refuses to send anything. */
    static Throwable unsent() {
        return new R2dbcTransientResourceException("the connection was gone before");
    }

    static Throwable readOnly() {
        return new R2dbcPermissionDeniedException("the server is read-only");
    }

    RoutingConnection connect() {
        return connect(RoutingHints.NONE);
    }

    RoutingConnection connect(RoutingHints factoryHints) {
        return new RoutingConnection(services, factoryHints, () -> {});
    }

    /** Returns the connections to a node that are open. */
    List<ScriptedConnection> open(NodeId node) {
        return connections.stream()
                .filter(connection -> connection.node.equals(node.name()) && connection.isOpen())
                .toList();
    }

    /** Returns the last execution of all. */
    ScriptedExecution sent() {
        return sender().last();
    }

    /** Returns the connection on which the last statement was sent. */
    ScriptedConnection sender() {
        NodeId node = routes.get(routes.size() - 1).node();
        return connections.stream()
                .filter(connection -> connection.node.equals(node.name()) && !connection.executions.isEmpty())
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    /** Returns how many connections are lent. Where none is and nobody waits for one, nothing may count as in flight. */
    int lent() {
        int lent = sum(PoolMetrics::acquiredSize);
        if (lent == 0 && waiting() == 0) {
            topology.nodes().forEach(node -> assertThat(inFlight(node.id())).isZero());
        }
        return lent;
    }

    /** Returns what is in flight at a node by its live numbers. */
    int inFlight(NodeId node) {
        return loads.of(node).inFlight();
    }

    NodePool pool(String node) {
        return services.pools().access(new NodeId(node)).pool();
    }

    /** Returns how many wait for a connection. */
    int waiting() {
        return sum(PoolMetrics::pendingAcquireSize);
    }

    private int sum(ToIntFunction<PoolMetrics> figure) {
        return topology.nodes().stream()
                .map(node -> Objects.requireNonNull(pools.access(node.id())).pool())
                .map(NodePool::metrics)
                .filter(Objects::nonNull)
                .mapToInt(figure)
                .sum();
    }

    FallbackReads fallbackReads() {
        return services.retrying().fallbacks().counts();
    }

    RetryCounts retries() {
        return services.retrying().policy().counts();
    }

    AbandonedExchanges abandoned() {
        return services.watches().tally().counts();
    }

    void pass(long milliseconds) {
        time.advanceTimeBy(Duration.ofMillis(milliseconds));
    }

    /** Publishes a snapshot of these nodes; the primary is the one whose role it is and that is usable. */
    void publish(NodeState... nodes) {
        publishEpoch(1, nodes);
    }

    void publishEpoch(long epoch, NodeState... nodes) {
        NodeState primary = null;
        for (NodeState node : nodes) {
            if (node.role() == NodeRole.PRIMARY && node.isUsable()) {
                primary = node;
            }
        }
        topology = new Topology(epoch, List.of(nodes), primary, null);
        snapshots.tryEmitNext(topology).orThrow();
    }

    static NodeState node(String name, NodeRole role) {
        return node(name, role, NodeHealth.HEALTHY, 0, 1, 1_000);
    }

    static NodeState node(
            String name, NodeRole role, NodeHealth health, int failures, long generation, long sampledAt) {
        return node(name, role, health, failures, generation, sampledAt, 1);
    }

    static NodeState node(
            String name, NodeRole role, NodeHealth health, int failures, long generation, long sampledAt, long lsn) {
        return new NodeState(
                new NodeSettings(new NodeId(name), name, 1),
                role,
                health,
                failures,
                generation,
                null,
                new Replication(
                        new LogPosition(Branch.ofTimeline(1), lsn),
                        sampledAt,
                        Duration.ofMillis(1),
                        Duration.ZERO,
                        ReplicationLink.UNKNOWN),
                null);
    }

    private Mono<? extends Connection> open(String node) {
        return Mono.defer(() -> {
            if (unreachable.contains(node)) {
                return Mono.error(lost());
            }
            return opening.then(Mono.fromSupplier(() -> {
                ScriptedConnection connection = new ScriptedConnection(node, () -> whileSending.run());
                if (failing.contains(node)) {
                    connection.answer = () -> Mono.error(lost());
                }
                connections.add(connection);
                return connection;
            }));
        });
    }

    private Mono<PrimaryAdmission.Ticket> admit(Topology present) {
        return Mono.fromSupplier(() -> {
            admitted.add("asked");
            return () -> {
                admitted.add("acknowledged");
                return invalid;
            };
        });
    }

    @Override
    public Topology current() {
        return topology;
    }

    @Override
    public Flux<Topology> topology() {
        return snapshots.asFlux();
    }

    @Override
    public void suspect(NodeId node, long generation) {
        suspected.add(node);
    }

    @Override
    public void refresh(NodeId node) {
        refreshed.add(node);
    }

    @Override
    public void close() {
        background.dispose();
        time.dispose();
    }
}
