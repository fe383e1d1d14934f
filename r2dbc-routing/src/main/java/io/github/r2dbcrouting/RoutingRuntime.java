package io.github.r2dbcrouting;

import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.discovery.DiscoveryWatch;
import io.github.r2dbcrouting.error.Problem;
import io.github.r2dbcrouting.error.StartupException;
import io.github.r2dbcrouting.functions.FunctionWatch;
import io.github.r2dbcrouting.monitor.NoUsableNodeException;
import io.github.r2dbcrouting.monitor.TopologyMonitor;
import io.github.r2dbcrouting.outlier.OutlierRounds;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.session.SessionReports;
import io.github.r2dbcrouting.settings.RoutingSettings;
import io.github.r2dbcrouting.switches.Steering;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * What runs behind a factory. It refers to the factory only weakly, so that one which nobody closed can be collected; the
 * runtime then closes itself.
 */
final class RoutingRuntime {

    private static final Logger logger = LoggerFactory.getLogger(RoutingRuntime.class);

    private final ConnectionServices services;
    private final TopologyMonitor monitor;
    private final FunctionWatch functions;
    private final Upkeep upkeep;
    private final Scheduler monitorScheduler;
    private final Scheduler callbacks;
    private final long idleTimeout;
    private final AtomicInteger users = new AtomicInteger();
    private final AtomicBoolean running = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Disposable.Swap watching = Disposables.swap();
    private final Disposable following;
    private final Mono<Void> closing = closeOnce().cache();
    private final Disposal disposal;
    private final FactoryCounts counts;
    private volatile long usedAt;

    /** Whether the first users have waited for the connections that are to be open before. */
    private volatile boolean warm;

    private volatile WeakReference<RoutingConnectionFactory> owner = new WeakReference<>(null);

    /**
     * Creates the runtime; nothing runs yet.
     *
     * @param monitorScheduler runs the monitor, and nothing of the user's; ended by {@link #close()}
     * @param callbacks calls back the users who waited for the first snapshot
     */
    RoutingRuntime(
            ConnectionServices services,
            ContainedChoice choice,
            TopologyMonitor monitor,
            FunctionWatch functions,
            @Nullable DiscoveryWatch discovery,
            OutlierRounds outliers,
            Scheduler monitorScheduler,
            Scheduler callbacks,
            RoutingSettings settings) {
        this.services = services;
        this.monitor = monitor;
        this.functions = functions;
        this.upkeep = new Upkeep(services, monitor, discovery, outliers, monitorScheduler, settings);
        this.monitorScheduler = monitorScheduler;
        this.callbacks = callbacks;
        this.idleTimeout = settings.idleTimeout().toNanos();
        this.disposal = new Disposal(services, callbacks);
        this.counts = new FactoryCounts(services, choice, monitor, discovery);
        this.following = monitor.topology()
                .subscribe(
                        this::follow,
                        error -> logger.error("pools no longer follow the nodes of {}", productName(), error));
    }

    private void follow(Topology topology) {
        services.routing().loads().follow(topology);
        services.pools().follow(topology);
        functions.look();
    }

    void belongsTo(RoutingConnectionFactory factory) {
        if (owner.get() != factory) {
            owner = new WeakReference<>(factory);
        }
    }

    Mono<RoutingConnection> connection(RoutingConnectionFactory factory, RoutingHints hints) {
        if (closed.get()) {
            return Mono.error(NodePools.closedError());
        }
        users.incrementAndGet();
        if (monitor.isReady() && running.get() && warm) {
            return Mono.just(open(factory, hints));
        }
        try {
            monitorScheduler.schedule(this::start);
        } catch (RejectedExecutionException closing) {
            left();
            return Mono.error(NodePools.closedError());
        }
        // Once a connection was emitted it is its closing that counts; a cancel may still come after that.
        AtomicBoolean waiting = new AtomicBoolean(true);
        return monitor.ready()
                .onErrorMap(
                        NoUsableNodeException.class,
                        e -> new StartupException(
                                Objects.requireNonNullElse(e.getMessage(), "no usable node"),
                                e.nodes().stream().map(Problem::of).toList(),
                                e))
                .flatMap(topology -> services.pools().warmUp(topology).thenReturn(topology))
                .publishOn(callbacks)
                .map(topology -> {
                    warm = true;
                    waiting.set(false);
                    return open(factory, hints);
                })
                .doFinally(signal -> {
                    if (waiting.getAndSet(false)) {
                        left();
                    }
                });
    }

    /** The connection keeps its factory from being collected. */
    private RoutingConnection open(RoutingConnectionFactory factory, RoutingHints hints) {
        return new RoutingConnection(services, hints, factory.closed());
    }

    void left() {
        usedAt = now();
        users.decrementAndGet();
    }

    /** Starting and resting happen on one thread, in the order in which they were asked for. */
    private void start() {
        if (running.compareAndSet(false, true)) {
            usedAt = now();
            watching.update(upkeep.begin(this::look));
        }
    }

    /** Closes what nobody has any more, rests what nobody uses, and doubts what is silent. */
    private void look() {
        if (owner.get() == null) {
            closeInBackground();
        } else if (users.get() == 0 && now() - usedAt >= idleTimeout) {
            running.set(false);
            warm = false;
            if (users.get() == 0) {
                watching.update(Disposables.disposed());
                services.background().run("resting an unused factory", rest());
            } else {
                // Somebody came in between, and may have seen it running.
                running.set(true);
            }
        } else {
            upkeep.look();
        }
    }

    private Mono<Void> rest() {
        return Mono.when(monitor.pause(), services.pools().rest());
    }

    long now() {
        return monitorScheduler.now(TimeUnit.NANOSECONDS);
    }

    String productName() {
        return services.driver().dialect().productName();
    }

    Topology currentTopology() {
        return monitor.current();
    }

    /** On the callbacks' threads, so that no subscriber can hold up the monitor. */
    Flux<Topology> topology() {
        return monitor.topology().onBackpressureLatest().publishOn(callbacks, 1);
    }

    RouteDecision explain(String sql, RoutingHints hints) {
        return services.explain(sql, hints);
    }

    /** Returns the name of a node if there is one of that name. */
    NodeId requireNode(String name) {
        NodeId node = new NodeId(name);
        if (currentTopology().node(node) == null) {
            throw new IllegalArgumentException("no node is named '" + name + "'; use one of " + names());
        }
        return node;
    }

    /** Returns where its numbers are counted. */
    FactoryCounts counts() {
        return counts;
    }

    Steering steering() {
        return services.routing().steering();
    }

    SessionReports sessionReports() {
        return services.routing().sessions().catchUp().reports();
    }

    Map<NodeId, List<MissingPrivilege>> missingPrivileges() {
        return services.pools().missingPrivileges(currentTopology());
    }

    Mono<Void> renew() {
        return services.pools().renew();
    }

    /** Whoever asks waits for the one closing. */
    Mono<Void> close() {
        return closing;
    }

    private Mono<Void> closeOnce() {
        return Mono.defer(() -> {
            closed.set(true);
            watching.dispose();
            following.dispose();
            functions.dispose();
            sessionReports().end();
            steering().switches().end();
            return Mono.when(monitor.dispose(), services.pools().close())
                    .doFinally(signal -> monitorScheduler.dispose());
        });
    }

    /** Waits for those who have a connection, for a limited time, and then closes as {@link #close()} does. */
    Mono<DisposalReport> disposeLater(Duration limit) {
        return disposal.later(limit, this);
    }

    /** Nobody is waited for. */
    void disposeNow() {
        closeInBackground();
        disposal.cutOff("the factory was disposed of");
    }

    void closeInBackground() {
        services.background().run("closing a factory", close());
    }

    /** Nobody gets a connection any more. */
    void refuse() {
        closed.set(true);
    }

    /** Returns whether somebody has a connection or waits for one. */
    boolean isUsed() {
        return users.get() != 0;
    }

    boolean isClosed() {
        return closed.get();
    }

    @Override
    public String toString() {
        return productName() + ": " + names();
    }

    private String names() {
        return monitor.current().nodes().stream()
                .map(NodeState::id)
                .map(Object::toString)
                .collect(Collectors.joining(", "));
    }
}
