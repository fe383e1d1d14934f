package io.github.r2dbcrouting.benchmarks.routing;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.selection.SelectionSettings;
import io.github.r2dbcrouting.session.CatchUp;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/** What a read's session adds to the choice of its node among ten replicas, all of which show what it has seen. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SessionDecisions {

    private final Topology topology = RoutingDecisions.topology();
    private final Router router = Router.of(SelectionSettings.defaults(), BranchHistory.unknown(), System::nanoTime);
    private final CatchUp catchUp = new CatchUp(
            new Fixed(topology),
            router,
            false,
            ConsistencySettings.defaults(),
            Duration.ofSeconds(1),
            Schedulers.parallel(),
            () -> 0);
    private final long beforeSamples = sampledAt() - 1;
    private final Context clean = contextOf(ConsistencySession.create());
    private final Context covered = contextOf(written());

    /** Chooses a node without asking for a session. */
    @Benchmark
    public RouteDecision withoutSession() {
        return router.route(topology, RouteRequest.READ);
    }

    /** Does the same again: how far it is from the first shows how well can be measured here. */
    @Benchmark
    public RouteDecision withoutSessionAgain() {
        return router.route(topology, RouteRequest.READ);
    }

    /** Finds the session in the context, which has not written, and chooses. */
    @Benchmark
    public RouteDecision cleanSession() {
        return decide(clean);
    }

    /** Finds the session, which has written; where to is known, and all replicas have come so far. */
    @Benchmark
    public RouteDecision coveredSession() {
        return decide(covered);
    }

    /** Has a new session write and chooses without asking it: what there is to do before {@link #fencedSession()} can ask. */
    @Benchmark
    public RouteDecision unaskedSession() {
        Objects.requireNonNull(ConsistencySession.from(contextOf(written())));
        return router.route(topology, RouteRequest.READ);
    }

    /** Has a new session write; the first to ask it then finds in the snapshot where the write stands, and chooses. */
    @Benchmark
    public RouteDecision fencedSession() {
        return decide(contextOf(written()));
    }

    private RouteDecision decide(Context context) {
        ConsistencySession session = Objects.requireNonNull(ConsistencySession.from(context));
        return Objects.requireNonNull(catchUp.decide(session, Level.READ_YOUR_WRITES, RouteRequest.READ));
    }

    private ConsistencySession written() {
        ConsistencySession session = ConsistencySession.create();
        session.writeStarts().ended(topology.epoch(), beforeSamples);
        return session;
    }

    private static Context contextOf(ConsistencySession session) {
        return Context.of(ConsistencySession.CONTEXT_KEY, session);
    }

    private long sampledAt() {
        return Objects.requireNonNull(Objects.requireNonNull(topology.primary()).replication())
                .sampledAt();
    }

    /** A snapshot that stays. */
    private record Fixed(Topology current) implements TopologySource {

        @Override
        public Flux<Topology> topology() {
            return Flux.just(current);
        }

        @Override
        public void suspect(NodeId node, long generation) {
            throw new IllegalStateException("nobody fails here");
        }

        @Override
        public void refresh(NodeId node) {
            throw new IllegalStateException("everything is known here");
        }
    }
}
