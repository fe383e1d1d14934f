package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.fault.ClusterFault;
import io.github.r2dbcrouting.fault.FaultCycle;
import io.github.r2dbcrouting.history.Findings;
import io.github.r2dbcrouting.history.Guarantee;
import io.github.r2dbcrouting.history.Operation;
import io.github.r2dbcrouting.history.R2dbcSubject;
import io.github.r2dbcrouting.history.SessionHints;
import io.github.r2dbcrouting.history.Workload;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.util.context.Context;

/**
 * What concurrent sessions see on real servers while one fault follows another, each statement or transaction on a connection of its
 * own. {@code -Dconsistency.operations} lets it run longer than it takes for every fault to have come once, {@code
 * -Dconsistency.seed} does other things in another order.
 */
class SessionGuaranteesTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long SEED = Long.getLong("consistency.seed", 20_261_121);
    private static final long OPERATIONS = Long.getLong("consistency.operations", 4_000);
    private static final int SESSIONS = 12;
    private static final int STEPS = 120;
    private static final Duration OUTAGE = Duration.ofMillis(700);
    /** More than by default: what is to be tested is the reads on replicas, also where all servers share a slow machine. */
    private static final Duration PATIENCE = Duration.ofMillis(400);

    private static final Duration CALM = Duration.ofMillis(500);

    private final RoutedStatements routed = new RoutedStatements();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTables() {
        CLUSTERS.all().forEach(R2dbcSubject::createTable);
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
        cluster.heal();
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowASessionItsOwnWrites(DatabaseKind kind) {
        Findings findings = runUnderFaults(kind, Consistency.readYourWrites(), Guarantee.ofReadYourWrites());

        assertThat(findings.violations()).as(findings.toString()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void shouldNeverShowASessionAnOlderStateThanBefore(DatabaseKind kind) {
        Findings findings = runUnderFaults(kind, Consistency.session(), Guarantee.ofSession());

        assertThat(findings.violations()).as(findings.toString()).isEmpty();
    }

    /** The control: without promises the same sessions do see stale data, or nothing would be proven. */
    @ParameterizedTest
    @EnumSource
    void shouldFindStaleReadsWhereNothingIsPromised(DatabaseKind kind) {
        start(kind);
        Set<Guarantee> broken = EnumSet.of(Guarantee.READ_YOUR_WRITES);

        Findings findings = run(Consistency.eventual(), broken, new ReentrantLock(), operations -> operations < 2_000);

        assertThat(findings.count(broken)).as(findings.toString()).isPositive();
    }

    private void start(DatabaseKind kind) {
        cluster = CLUSTERS.of(kind);
        factory = routed.overProxies(cluster, kind.driver)
                .maxLag(Duration.ofMinutes(1))
                .maxSize(20)
                .option(RoutingOptions.CATCH_UP_TIMEOUT, PATIENCE)
                .build();
    }

    private Findings runUnderFaults(DatabaseKind kind, Consistency consistency, Set<Guarantee> guarantees) {
        start(kind);
        try (FaultCycle faults = FaultCycle.start(cluster, ClusterFault.on(kind.driver), SEED, OUTAGE, CALM)) {
            Findings findings = run(
                    consistency,
                    guarantees,
                    faults.calm(),
                    operations -> operations < OPERATIONS || !faults.hasHadAll());
            System.out.println(kind + ", " + consistency + ", " + findings + "\n" + faults.tallies());
            assertThat(faults.tallies())
                    .allSatisfy((fault, tally) ->
                            assertThat(tally.effective()).as(fault.toString()).isPositive());
            assertThat(onReplicas()).as("reads on replicas").isGreaterThan(findings.operations() / 10);
            return findings;
        }
    }

    private Findings run(Consistency consistency, Set<Guarantee> guarantees, Lock calm, LongPredicate goOn) {
        R2dbcSubject subject = new R2dbcSubject(factory, new Hints(consistency), cluster, calm);
        Findings findings = new Workload(subject, guarantees, SEED, SESSIONS, STEPS).run(goOn);
        assertThat(findings.operations(Operation.Kind.ADDED))
                .as(findings.toString())
                .isGreaterThan(findings.operations() / 5);
        return findings;
    }

    private long onReplicas() {
        return routed.all().stream()
                .filter(route -> route.sql().startsWith("SELECT"))
                .filter(route -> !route.node().name().equals(cluster.primary().name()))
                .count();
    }

    /** The sessions are those of the context. */
    private record Hints(Consistency consistency) implements SessionHints {

        @Override
        public UnaryOperator<Context> newSession() {
            ConsistencySession session = ConsistencySession.create();
            return context -> Routing.session(session)
                    .andThen(Routing.consistency(consistency))
                    .apply(context);
        }

        @Override
        public Context latest(Context context) {
            return Routing.consistency(Consistency.strong()).apply(context);
        }

        @Override
        public Context noting(Context context, Consumer<String> node) {
            return Routing.explain(decision -> node.accept(
                            decision.node() == null
                                    ? "none"
                                    : decision.node().id().name()))
                    .apply(context);
        }
    }
}
