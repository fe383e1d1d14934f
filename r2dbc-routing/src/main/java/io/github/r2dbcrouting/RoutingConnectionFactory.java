package io.github.r2dbcrouting;

import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.discovery.DiscoveryCounts;
import io.github.r2dbcrouting.membership.RoutingNodes;
import io.github.r2dbcrouting.metrics.RoutingCounts;
import io.github.r2dbcrouting.outlier.OutlierCounts;
import io.github.r2dbcrouting.pool.CrowdCounts;
import io.github.r2dbcrouting.retry.FallbackReads;
import io.github.r2dbcrouting.retry.RetryCounts;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.services.AbandonedExchanges;
import io.github.r2dbcrouting.session.CatchUpCounts;
import io.github.r2dbcrouting.session.LossCounts;
import io.github.r2dbcrouting.session.SessionCounts;
import io.github.r2dbcrouting.session.SessionEvent;
import io.github.r2dbcrouting.session.SessionRegistry;
import io.github.r2dbcrouting.session.SessionTokens;
import io.github.r2dbcrouting.session.TokenCounts;
import io.github.r2dbcrouting.switches.RoutingSwitches;
import io.github.r2dbcrouting.switches.ShadowCounts;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Topology;
import io.r2dbc.spi.Closeable;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * A {@link ConnectionFactory} in front of one primary and its replicas. Reads run on replicas; writes, and whatever is not
 * surely a read, on the primary. Which node is what is observed, never configured.
 *
 * <p>It is made by a {@linkplain #builder() builder}, or from a URL such as
 * {@code r2dbc:routing:postgresql://user:password@db1:5432,db2:5432,db3:5432/app}.
 *
 * <p>Nothing is opened before the first {@link #create()}: then the nodes are watched, on one daemon thread of the
 * factory's own. Watching pauses while no connection is open for the idle timeout, and ends with the factory, also with
 * one that nobody closed and that was garbage collected.
 */
public final class RoutingConnectionFactory implements ConnectionFactory, Closeable, Disposable, RoutingCounts {

    private final RoutingRuntime runtime;
    private final RoutingNodes nodes;
    private final SessionRegistry sessions;
    private final @Nullable SessionTokens tokens;

    /** One for all connections; through it they refer to the factory, and so keep it alive. */
    private final Runnable closed = this::left;

    RoutingConnectionFactory(
            RoutingRuntime runtime, RoutingNodes nodes, SessionRegistry sessions, @Nullable SessionTokens tokens) {
        this.runtime = runtime;
        this.nodes = nodes;
        this.sessions = sessions;
        this.tokens = tokens;
        runtime.belongsTo(this);
    }

    /** Returns a builder with the defaults of every setting. */
    public static RoutingConnectionFactoryBuilder builder() {
        return new RoutingConnectionFactoryBuilder();
    }

    /**
     * Returns a cold {@link Mono} of a virtual connection, which has taken no physical one yet. It waits for the first
     * snapshot of the nodes if there is none, and fails with a {@code StartupException} that names each node's last error
     * if no node becomes usable within the start-up timeout; with an {@link IllegalStateException} once the factory is
     * closed. Cancelling gives up the wait.
     */
    @Override
    public Mono<RoutingConnection> create() {
        return create(RoutingHints.NONE);
    }

    /** Returns such a connection with a wish for all its statements. */
    Mono<RoutingConnection> create(RoutingHints hints) {
        return Mono.defer(() -> runtime.connection(this, hints));
    }

    /**
     * Returns a factory over the same pools and nodes whose connections go to the primary, reads too. It has nothing of its own: it
     * is open as long as this one, which is closed where it was made, and keeps it from being collected. Hints that are
     * nearer to a statement are stronger. As a Spring bean it needs a {@code R2dbcTransactionManager} of its own.
     */
    public ConnectionFactory primary() {
        return new DerivedConnectionFactory(this, RoutingHints.of(NodeRole.PRIMARY), "primary()");
    }

    /**
     * Returns a factory over the same pools and nodes whose connections go to replicas, as {@link Routing#replica()} has it; it
     * lives as {@link #primary()} does. A write fails with a {@link io.github.r2dbcrouting.error.WriteOnReplicaException};
     * a transaction is read-only.
     */
    public ConnectionFactory replicas() {
        return new DerivedConnectionFactory(this, RoutingHints.of(NodeRole.REPLICA), "replicas()");
    }

    /**
     * Returns a factory over the same pools and nodes whose connections go to one node, as {@link Routing#using(String)} has it; it
     * lives as {@link #primary()} does.
     *
     * @param node the node's name
     * @throws IllegalArgumentException if there is none of that name; the message names those there are
     */
    public ConnectionFactory using(String node) {
        return new DerivedConnectionFactory(this, RoutingHints.of(runtime.requireNode(node)), "using(" + node + ")");
    }

    /** Names the database as its driver does, without asking a node. */
    @Override
    public ConnectionFactoryMetadata getMetadata() {
        return runtime::productName;
    }

    /** Returns what a connection of this factory runs when it is closed. */
    Runnable closed() {
        return closed;
    }

    private void left() {
        runtime.left();
    }

    /** Returns the latest snapshot of the nodes. */
    public Topology currentTopology() {
        return runtime.currentTopology();
    }

    /**
     * Returns a hot {@link Flux} of snapshots: the latest at once, then every newer one; a slow subscriber misses some but
     * always gets the newest. It does not start the watching. It completes when the factory is closed. Cancelling has no
     * effect on the factory.
     */
    public Flux<Topology> topology() {
        // The subscriber keeps the factory from being collected for as long as it listens.
        return runtime.topology().doOnNext(topology -> runtime.belongsTo(this));
    }

    /**
     * Returns where a statement would go if it were executed now, outside a transaction, by what its text asks for; and why.
     *
     * @throws io.github.r2dbcrouting.error.InvalidHintException if a comment in it cannot be read
     */
    public RouteDecision explain(String sql) {
        return explain(sql, context -> context);
    }

    /**
     * Returns the same for a statement with hints.
     *
     * @param hints what would be written to the context: {@code Routing.replica()}
     */
    public RouteDecision explain(String sql, Function<Context, Context> hints) {
        return runtime.explain(sql, RoutingHints.from(hints.apply(Context.empty())));
    }

    /** Returns what adds, removes and drains nodes while the application runs. */
    public RoutingNodes nodes() {
        return nodes;
    }

    /**
     * Returns what operators switch while the application runs: routing, lag checks, single nodes, the share of reads on replicas and
     * shadow mode.
     */
    public RoutingSwitches switches() {
        return runtime.steering().switches();
    }

    @Override
    public Overrides overrides() {
        return switches().overrides();
    }

    @Override
    public ShadowCounts shadow() {
        return runtime.steering().shadow().counts();
    }

    /** Returns the sessions of this process by keys of the user's choice. */
    public SessionRegistry sessions() {
        return sessions;
    }

    /**
     * Returns what takes sessions to other processes, by tokens.
     *
     * @throws IllegalStateException if no key for them is set
     */
    public SessionTokens tokens() {
        if (tokens == null) {
            throw new IllegalStateException("no key for session tokens is set, needed option '"
                    + RoutingOptions.TOKEN_KEYS.name() + "'; make one with: openssl rand -hex 32");
        }
        return tokens;
    }

    @Override
    public AbandonedExchanges abandonedExchanges() {
        return runtime.counts().abandonedExchanges();
    }

    @Override
    public DiscoveryCounts discoveries() {
        return runtime.counts().discoveries();
    }

    @Override
    public RetryCounts retries() {
        return runtime.counts().retries();
    }

    @Override
    public LossCounts losses() {
        return runtime.sessionReports().counts();
    }

    /**
     * Returns a hot {@link Flux} of what failovers cost sessions, from the subscription on: writes that a session has seen and that did
     * not survive, or of which that is not known. The session goes on from what the new primary shows; nobody else is told. Best
     * effort: who is more than some hundred events behind misses some, which {@link #losses()} counts all the same. It
     * completes when the factory is closed and never fails. Cancelling has no effect on the factory.
     */
    public Flux<SessionEvent> sessionEvents() {
        // The subscriber keeps the factory from being collected for as long as it listens.
        return runtime.sessionReports().events().doOnNext(event -> runtime.belongsTo(this));
    }

    @Override
    public FallbackReads fallbackReads() {
        return runtime.counts().fallbackReads();
    }

    @Override
    public long balancerFailures() {
        return runtime.counts().balancerFailures();
    }

    @Override
    public long selectorFailures() {
        return runtime.counts().selectorFailures();
    }

    @Override
    public SessionCounts sessionCounts() {
        return sessions.counts();
    }

    @Override
    public TokenCounts tokenCounts() {
        return tokens == null ? TokenCounts.NONE : tokens.counts();
    }

    @Override
    public OutlierCounts outliers() {
        return runtime.counts().outliers();
    }

    @Override
    public CrowdCounts crowds() {
        return runtime.counts().crowds();
    }

    @Override
    public CatchUpCounts catchUps() {
        return runtime.counts().catchUps();
    }

    /**
     * Returns what the users that watch and command the nodes are not allowed to do, and what does not work therefore: an
     * empty list for a node where they lack nothing, no entry for one where it was not looked at yet. That happens when the
     * monitor has connected to it. What is missing is logged, too.
     */
    public Map<NodeId, List<MissingPrivilege>> missingPrivileges() {
        return runtime.missingPrivileges();
    }

    /**
     * Returns a cold {@link Mono} that has all pooled connections opened anew, for a change that the factory cannot see, such as
     * other certificates in the files that the driver's options name: these are read again. No statement fails of it: idle
     * connections are closed now, lent ones when they come back. It completes when the idle ones are closed, and does not wait for
     * those that are lent; cancelling ends only the waiting. The connections of the monitor stay.
     */
    public Mono<Void> renewConnections() {
        return runtime.renew();
    }

    /**
     * Returns a cold {@link Mono} that refuses new connections, waits until all that are open were closed, and then closes pools
     * and monitor. When the time is over it cuts off whatever still runs: that fails with an error which says so, a write among
     * it with an unknown outcome. Cancelling stops the waiting; no connection is given out any more, and {@link #close()} does
     * the rest. Not failing, idempotent.
     *
     * @param limit how long to wait at most; zero for not at all
     * @return what was cut off, nothing as a rule
     */
    public Mono<DisposalReport> disposeLater(Duration limit) {
        return runtime.disposeLater(limit);
    }

    /**
     * Returns a cold {@link Mono} that closes pools and monitor and completes when both are closed. A physical connection that is
     * lent is closed when it comes back, and nobody waits for that: see {@link #disposeLater(Duration)}. Idempotent.
     */
    @Override
    public Mono<Void> close() {
        return runtime.close();
    }

    /**
     * Closes at once: cuts off whatever runs, as {@link #disposeLater(Duration)} does when its time is over, and closes pools and
     * monitor without anybody waiting for it.
     */
    @Override
    public void dispose() {
        runtime.disposeNow();
    }

    @Override
    public boolean isDisposed() {
        return runtime.isClosed();
    }

    @Override
    public String toString() {
        return "RoutingConnectionFactory[" + runtime + "]";
    }
}
