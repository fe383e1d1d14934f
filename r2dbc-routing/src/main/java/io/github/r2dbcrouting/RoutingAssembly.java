package io.github.r2dbcrouting;

import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.connection.AbandonmentTally;
import io.github.r2dbcrouting.connection.ConnectionServices;
import io.github.r2dbcrouting.connection.PrimaryAdmission;
import io.github.r2dbcrouting.connection.RouteListener;
import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DriverProbe;
import io.github.r2dbcrouting.dialect.DriverTemplate;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.dialect.PrivilegeCheck;
import io.github.r2dbcrouting.functions.FunctionWatch;
import io.github.r2dbcrouting.monitor.TopologyMonitor;
import io.github.r2dbcrouting.pool.DeadlineWatch;
import io.github.r2dbcrouting.pool.NodePool;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.retry.FallbackGate;
import io.github.r2dbcrouting.retry.RetryPolicy;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.session.CatchUp;
import io.github.r2dbcrouting.session.SessionRegistry;
import io.github.r2dbcrouting.session.SessionTokens;
import io.github.r2dbcrouting.session.Sessions;
import io.github.r2dbcrouting.settings.RoutingSettings;
import io.github.r2dbcrouting.settings.SessionSettings;
import io.github.r2dbcrouting.sql.SqlClassifier;
import io.github.r2dbcrouting.sql.StatementProfiles;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.transaction.Optimism;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Puts a factory together. Here, and nowhere else, time, threads and randomness come into the library. */
final class RoutingAssembly {

    /** Long enough that no flood of texts with unknown functions keeps a node busy. */
    private static final Duration FUNCTION_PAUSE = Duration.ofSeconds(3);

    private RoutingAssembly() {}

    static RoutingConnectionFactory assemble(
            ParsedOptions options, RouteListener listener, PrimaryAdmission admission) {
        // Users are called back on the shared timers; the monitor's own thread runs nothing of theirs.
        return assemble(
                options,
                listener,
                admission,
                RoutingThread.scheduler(),
                Schedulers.parallel(),
                Schedulers.boundedElastic());
    }

    private static RoutingConnectionFactory assemble(
            ParsedOptions options,
            RouteListener listener,
            PrimaryAdmission admission,
            Scheduler monitorScheduler,
            Scheduler timers,
            Scheduler blocking) {
        RoutingSettings settings = options.settings();
        DriverTemplate template = new DriverTemplate(settings.statementCacheSize());
        BackgroundTasks background = new BackgroundTasks();
        Map<NodeId, NodeConnections> connections = new LinkedHashMap<>();
        Map<NodeId, NodePool> pools = new LinkedHashMap<>();
        for (NodeSettings node : settings.nodes()) {
            NodeConnections opener = new NodeConnections(
                    new NodeConnections.Driver(
                            options.dialect(), options.driver(), options.logins(), template, blocking),
                    node,
                    settings.exchanges().exchangeTimeout(),
                    timers,
                    background);
            connections.put(node.id(), opener);
            NodePool pool = new NodePool(opener, settings.pool(), timers, background);
            opener.whenRenewed(pool::renewInBackground);
            pools.put(node.id(), pool);
        }
        Map<NodeId, PrivilegeCheck> privileges = new LinkedHashMap<>();
        connections.forEach(
                (id, opener) -> privileges.put(id, new PrivilegeCheck(opener, options.dialect(), background)));
        TopologyMonitor monitor = TopologyMonitor.create(
                settings.nodes(),
                node -> new DriverProbe(
                        Objects.requireNonNull(connections.get(node.id())),
                        options.dialect(),
                        Objects.requireNonNull(privileges.get(node.id())),
                        background),
                settings.monitor(),
                monitorScheduler,
                new Random());
        BranchHistory history = monitor.branches();
        NodeLoads loads = new NodeLoads(() -> timers.now(TimeUnit.NANOSECONDS));
        Router router = Router.of(
                settings.selection(), history, () -> timers.now(TimeUnit.NANOSECONDS), loads, () -> Overrides.NONE);
        Sessions sessions = new Sessions(
                settings.consistency(),
                settings.selection().unhinted().consistency(),
                new CatchUp(
                        monitor,
                        router,
                        settings.selection().unhinted().consistency() != null,
                        settings.consistency(),
                        settings.pool().acquireTimeout(),
                        timers));
        StatementProfiles profiles = StatementProfiles.of(
                SqlClassifier.forDialect(options.dialect().sqlDialect()), settings.statementCacheSize());
        FunctionWatch functions = new FunctionWatch(
                monitor::current,
                node -> Objects.requireNonNull(connections.get(node)).functions(),
                options.dialect().sqlDialect(),
                profiles,
                background,
                monitorScheduler,
                FUNCTION_PAUSE,
                settings.functionCheckInterval());
        ConnectionServices services = new ConnectionServices(
                new ConnectionServices.Routing(monitor, router, history, listener, sessions),
                new NodePools(pools),
                profiles,
                new ConnectionServices.Driver(options.dialect(), template),
                admission,
                settings.exchanges(),
                new ConnectionServices.Retrying(
                        new RetryPolicy(
                                settings.retries(),
                                timers,
                                () -> ThreadLocalRandom.current().nextDouble()),
                        new FallbackGate(settings.retries().fallback(), timers)),
                new Optimism(settings.optimism(), timers),
                new ConnectionServices.Waiting(settings.pool().acquireTimeout(), timers),
                new ConnectionServices.Watches(
                        new DeadlineWatch(settings.exchanges().drainTime(), timers),
                        new DeadlineWatch(settings.exchanges().exchangeTimeout(), timers),
                        new AbandonmentTally()),
                background);
        return new RoutingConnectionFactory(
                new RoutingRuntime(
                        services,
                        monitor,
                        List.copyOf(privileges.values()),
                        functions,
                        monitorScheduler,
                        timers,
                        settings),
                new SessionRegistry(settings.sessions(), timers),
                tokens(settings.sessions(), monitor, timers));
    }

    private static @Nullable SessionTokens tokens(SessionSettings settings, TopologyMonitor monitor, Scheduler timers) {
        return settings.tokens() == null
                ? null
                : new SessionTokens(settings.tokens(), settings.grace(), monitor, timers, Clock.systemUTC());
    }
}
