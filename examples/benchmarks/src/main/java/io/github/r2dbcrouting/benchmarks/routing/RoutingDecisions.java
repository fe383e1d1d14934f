package io.github.r2dbcrouting.benchmarks.routing;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.selection.HintPrecedence;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.selection.SelectionSettings;
import io.github.r2dbcrouting.sql.SqlClassifier;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfiles;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import reactor.util.context.Context;

/** What is done for each statement before a connection is taken: its text is looked up, and a node is chosen. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RoutingDecisions {

    private static final int REPLICAS = 10;
    private static final int TEXTS = 64;
    private static final int REMEMBERED_TEXTS = 1_000;

    private static final Context HINTED = Context.of(
            RoutingHints.CONTEXT_KEY,
            RoutingHints.ofMaxLag(Duration.ofSeconds(1)).or(RoutingHints.explainedTo(decision -> {})));

    private final Router router = Router.of(SelectionSettings.defaults(), BranchHistory.unknown(), System::nanoTime);
    private final StatementProfiles profiles =
            StatementProfiles.of(SqlClassifier.forDialect(SqlDialect.POSTGRESQL), REMEMBERED_TEXTS);
    private final Topology topology = topology();
    private final char[][] texts = new char[TEXTS][];

    /** Looks every text up once, so that all are known. */
    public RoutingDecisions() {
        for (int i = 0; i < TEXTS; i++) {
            String text = text(i);
            texts[i] = text.toCharArray();
            if (!profiles.profile(text).isRead()) {
                throw new IllegalStateException("meant to be a read: " + text);
            }
        }
    }

    /** A thread's way through the texts. */
    @State(Scope.Thread)
    public static class Cursor {

        private int next;

        /** Returns the number of another text each time. */
        int next() {
            next = (next + 1) % TEXTS;
            return next;
        }
    }

    /** Chooses a node for a read. */
    @Benchmark
    public RouteDecision decision() {
        return router.route(topology, RouteRequest.READ);
    }

    /** Looks up a text that is known but comes in a fresh {@link String}, as Spring makes it, and chooses a node. */
    @Benchmark
    public RouteDecision decisionWithLookUp(Cursor cursor) {
        StatementProfile profile = profiles.profile(new String(texts[cursor.next()]));
        return router.route(topology, profile.isRead() ? RouteRequest.READ : RouteRequest.WRITE);
    }

    /** Brings the wishes of a comment, a context and a factory together where there are none, and chooses a node. */
    @Benchmark
    public RouteDecision decisionWithoutHints(Cursor cursor) {
        StatementProfile profile = profiles.profile(new String(texts[cursor.next()]));
        return decide(profile, Context.empty());
    }

    /** Does the same for a read whose context asks for replicas within a lag and an explanation that is thrown away. */
    @Benchmark
    public RouteDecision decisionWithHints(Cursor cursor) {
        StatementProfile profile = profiles.profile(new String(texts[cursor.next()]));
        RouteDecision decision = decide(profile, HINTED);
        Consumer<? super RouteDecision> explain = decision.request().hints().explain();
        if (explain != null) {
            explain.accept(decision);
        }
        return decision;
    }

    private RouteDecision decide(StatementProfile profile, Context context) {
        RoutingHints hints =
                HintPrecedence.ofStatement(profile.comment(), RoutingHints.from(context), RoutingHints.NONE);
        RouteRequest request = hints == RoutingHints.NONE && profile.isRead()
                ? RouteRequest.READ
                : new RouteRequest(profile.access(), hints, null, null, Set.of());
        return router.route(topology, request);
    }

    /** Returns one of several texts of about 200 characters that have most of them in common, as queries do. */
    private static String text(int number) {
        return "SELECT item.id, item.name, item.description, item.price, item.currency, item.created_at,"
                + " item.changed_at FROM item WHERE item.owner_id = $1 AND item.state = $2"
                + " ORDER BY item.created_at DESC LIMIT " + (100 + number);
    }

    /** Returns a primary and ten replicas that are known to have come as far. */
    static Topology topology() {
        NodeState primary = node("primary", NodeRole.PRIMARY, Duration.ZERO);
        List<NodeState> nodes = new ArrayList<>();
        nodes.add(primary);
        for (int i = 1; i <= REPLICAS; i++) {
            nodes.add(node("replica" + i, NodeRole.REPLICA, Duration.ofMillis(i)));
        }
        return new Topology(1, nodes, primary, null);
    }

    private static NodeState node(String name, NodeRole role, Duration lag) {
        Replication replication = new Replication(
                new LogPosition(Branch.ofTimeline(1), 1_000), 0, Duration.ofMillis(1), lag, ReplicationLink.UNKNOWN);
        return new NodeState(
                NodeSettings.of(name, 5432),
                role,
                NodeHealth.HEALTHY,
                0,
                1,
                new ServerIdentity("cluster", "instance of " + name, "18.6"),
                replication,
                null);
    }
}
