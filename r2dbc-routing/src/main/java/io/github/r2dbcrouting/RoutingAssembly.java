package io.github.r2dbcrouting;

import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.cost.QueryCosts;
import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DriverTemplate;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.discovery.DiscoveryWatch;
import io.github.r2dbcrouting.discovery.DnsDiscovery;
import io.github.r2dbcrouting.discovery.NodeDiscovery;
import io.github.r2dbcrouting.discovery.ServerDiscovery;
import io.github.r2dbcrouting.functions.FunctionWatch;
import io.github.r2dbcrouting.membership.DrainedNodes;
import io.github.r2dbcrouting.membership.DrainedNodes.By;
import io.github.r2dbcrouting.membership.RoutingNodes;
import io.github.r2dbcrouting.monitor.TopologyMonitor;
import io.github.r2dbcrouting.outlier.Outcomes;
import io.github.r2dbcrouting.outlier.OutlierRounds;
import io.github.r2dbcrouting.outlier.OutlierSettings;
import io.github.r2dbcrouting.outlier.OutlierWatch;
import io.github.r2dbcrouting.outlier.Standings;
import io.github.r2dbcrouting.pool.DeadlineWatch;
import io.github.r2dbcrouting.pool.NodeAccess;
import io.github.r2dbcrouting.pool.NodePool;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.retry.FallbackGate;
import io.github.r2dbcrouting.retry.RetryPolicy;
import io.github.r2dbcrouting.selection.ReadPreference;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.services.AbandonmentTally;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.session.CatchUp;
import io.github.r2dbcrouting.session.SessionRegistry;
import io.github.r2dbcrouting.session.SessionTokens;
import io.github.r2dbcrouting.session.Sessions;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.settings.RoutingSettings;
import io.github.r2dbcrouting.settings.SessionSettings;
import io.github.r2dbcrouting.sql.SqlClassifier;
import io.github.r2dbcrouting.sql.StatementProfiles;
import io.github.r2dbcrouting.switches.Lots;
import io.github.r2dbcrouting.switches.RoutingSwitches;
import io.github.r2dbcrouting.switches.ShadowTally;
import io.github.r2dbcrouting.switches.Steering;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.transaction.Optimism;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Puts a factory together. Here, and nowhere else, time, threads and randomness come into the library. */
final class RoutingAssembly {

    /** Long enough that no flood of texts with unknown functions keeps a node busy. */
    private static final Duration FUNCTION_PAUSE = Duration.ofSeconds(3);

    private RoutingAssembly() {}

    static RoutingConnectionFactory assemble(ParsedOptions options, Extensions extensions) {
        extensions.requireFor(options.settings().discovery());
        // Users are called back on the shared timers; the monitor's own thread runs nothing of theirs.
        return assemble(
                options, extensions, RoutingThread.scheduler(), Schedulers.parallel(), Schedulers.boundedElastic());
    }

    private static RoutingConnectionFactory assemble(
            ParsedOptions options,
            Extensions extensions,
            Scheduler monitorScheduler,
            Scheduler timers,
            Scheduler blocking) {
        RoutingSettings settings = options.settings();
        Duration acquireTimeout = settings.pools().common().queue().acquireTimeout();
        DriverTemplate template = new DriverTemplate(settings.statementCacheSize());
        BackgroundTasks background = new BackgroundTasks();
        NodePools pools = new NodePools(
                node -> {
                    PoolSettings own = settings.pools().of(node.id());
                    NodeConnections.Driver driver = new NodeConnections.Driver(
                            options.dialect(),
                            own.timeouts().over(options.driver()),
                            options.logins(),
                            template,
                            blocking);
                    NodeConnections connections = new NodeConnections(
                            driver, node, settings.exchanges().exchangeTimeout(), timers, background);
                    return NodeAccess.of(
                            driver,
                            connections,
                            new NodePool(
                                    connections,
                                    own,
                                    timers,
                                    () -> ThreadLocalRandom.current().nextDouble(),
                                    background),
                            background);
                },
                settings.firstNodes());
        TopologyMonitor monitor = TopologyMonitor.create(
                settings.firstNodes(),
                node -> access(pools, node.id()).probe(),
                settings.monitor(),
                monitorScheduler,
                new Random(),
                Standings.clean(settings.outliers(), settings.selection().readPreference() != ReadPreference.REPLICA));
        Outcomes outcomes = new Outcomes(settings.outliers());
        BranchHistory history = monitor.branches();
        NodeLoads loads = new NodeLoads(() -> timers.now(TimeUnit.NANOSECONDS));
        RoutingSwitches switches = new RoutingSwitches(
                new RoutingSwitches.Configured(
                        settings.switches().overrides(),
                        settings.selection().maxLag(),
                        settings.monitor().interval()),
                monitor::current,
                timers,
                Clock.system(ZoneId.systemDefault()));
        DrainedNodes overrides = new DrainedNodes(switches::overrides);
        ContainedChoice choice = ContainedChoice.of(
                settings.selection(), ThreadLocalRandom.current().nextLong());
        Router router = Router.of(
                choice.in(settings.selection()), history, () -> timers.now(TimeUnit.NANOSECONDS), loads, overrides);
        Sessions sessions = new Sessions(
                settings.consistency(),
                settings.selection().unhinted().consistency(),
                new CatchUp(
                        monitor,
                        router,
                        settings.selection().unhinted().consistency() != null,
                        settings.consistency(),
                        acquireTimeout,
                        timers,
                        switches::extraLag));
        StatementProfiles profiles = StatementProfiles.of(
                SqlClassifier.forDialect(options.dialect().sqlDialect()), settings.statementCacheSize());
        FunctionWatch functions = new FunctionWatch(
                monitor::current,
                node -> access(pools, node).connections().functions(),
                options.dialect().sqlDialect(),
                profiles,
                background,
                monitorScheduler,
                FUNCTION_PAUSE,
                settings.functionCheckInterval());
        ConnectionServices services = new ConnectionServices(
                new ConnectionServices.Routing(
                        monitor,
                        router,
                        history,
                        extensions.listener(),
                        sessions,
                        new Steering(switches, new Lots(), new ShadowTally()),
                        loads,
                        new ConnectionServices.Observed(outcomes, costs(settings))),
                pools,
                profiles,
                new ConnectionServices.Driver(options.dialect(), template),
                extensions.admission(),
                settings.exchanges(),
                new ConnectionServices.Retrying(
                        new RetryPolicy(
                                settings.retries(),
                                timers,
                                () -> ThreadLocalRandom.current().nextDouble()),
                        new FallbackGate(settings.retries().fallback(), timers)),
                new Optimism(settings.optimism(), timers),
                new ConnectionServices.Waiting(acquireTimeout, timers),
                new ConnectionServices.Watches(
                        new DeadlineWatch(settings.exchanges().drainTime(), timers),
                        new DeadlineWatch(settings.exchanges().exchangeTimeout(), timers),
                        new AbandonmentTally()),
                background);
        Function<By, RoutingNodes> nodes = by -> new RoutingNodes(
                monitor,
                pools,
                loads,
                overrides,
                by,
                node -> {
                    loads.forget(node);
                    outcomes.forget(node);
                    sessions.catchUp().forget(node);
                },
                new RoutingNodes.Limits(
                        settings.monitor().timeout(), settings.exchanges().exchangeTimeout()),
                timers,
                blocking);
        NodeDiscovery discovery = discovery(settings, extensions, monitor, pools, blocking);
        return new RoutingConnectionFactory(
                new RoutingRuntime(
                        services,
                        choice,
                        monitor,
                        functions,
                        discovery == null
                                ? null
                                : new DiscoveryWatch(
                                        discovery,
                                        nodes.apply(By.DISCOVERY),
                                        monitor::current,
                                        settings.discovery().interval(),
                                        timers,
                                        blocking,
                                        background),
                        outlierRounds(settings.outliers(), outcomes, monitor, overrides, monitorScheduler),
                        monitorScheduler,
                        timers,
                        settings),
                nodes.apply(By.OPERATORS),
                new SessionRegistry(settings.sessions(), timers, switches::extraLagSeen),
                tokens(settings.sessions(), monitor, timers, switches::extraLag));
    }

    private static @Nullable NodeDiscovery discovery(
            RoutingSettings settings,
            Extensions extensions,
            TopologyMonitor monitor,
            NodePools pools,
            Scheduler blocking) {
        return switch (settings.discovery().mode()) {
            case STATIC -> null;
            case DNS -> DnsDiscovery.of(settings.nodes(), settings.exchanges().exchangeTimeout(), blocking);
            case SERVER -> new ServerDiscovery(monitor::current, pools, extensions.mapper(), blocking);
            case OWN -> extensions.discovery();
        };
    }

    /** A node may go between the moment in which it is chosen and the one in which it is asked. */
    private static NodeAccess access(NodePools pools, NodeId node) {
        NodeAccess access = pools.access(node);
        if (access == null) {
            throw new IllegalStateException("node " + node + " was removed meanwhile");
        }
        return access;
    }

    private static @Nullable QueryCosts costs(RoutingSettings settings) {
        return settings.costs().enabled() ? new QueryCosts(settings.costs(), settings.statementCacheSize()) : null;
    }

    private static OutlierRounds outlierRounds(
            OutlierSettings settings,
            Outcomes outcomes,
            TopologyMonitor monitor,
            DrainedNodes overrides,
            Scheduler scheduler) {
        return new OutlierRounds(
                new OutlierWatch(settings, outcomes),
                outcomes,
                monitor::current,
                finding -> monitor.found(finding, overrides.get().excluded()),
                node -> monitor.suspect(node.id(), node.generation()),
                scheduler);
    }

    private static @Nullable SessionTokens tokens(
            SessionSettings settings, TopologyMonitor monitor, Scheduler timers, LongSupplier extraLag) {
        return settings.tokens() == null
                ? null
                : new SessionTokens(settings.tokens(), settings.grace(), monitor, timers, Clock.systemUTC(), extraLag);
    }
}
