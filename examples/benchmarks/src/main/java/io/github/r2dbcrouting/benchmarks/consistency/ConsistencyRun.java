package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.fault.ClusterFault;
import io.github.r2dbcrouting.fault.FaultCycle;
import io.github.r2dbcrouting.fault.FaultCycle.Tally;
import io.github.r2dbcrouting.history.Findings;
import io.github.r2dbcrouting.history.Guarantee;
import io.github.r2dbcrouting.history.Operation.Kind;
import io.github.r2dbcrouting.history.R2dbcSubject;
import io.github.r2dbcrouting.history.SessionHints;
import io.github.r2dbcrouting.history.Workload;
import io.github.r2dbcrouting.topology.NodeRole;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import reactor.util.context.Context;

/** Sessions at random on a cluster whose nodes fail one after another and come back. */
final class ConsistencyRun implements AutoCloseable {

    private static final long SEED = Long.getLong("consistency.seed", 20_261_121);
    private static final int SESSIONS = 32;
    private static final Duration OUTAGE = Duration.ofMillis(500);
    private static final Duration CALM = Duration.ofMillis(500);
    /** More than by default: what is to be tested is the reads on replicas, and this machine has all servers to run. */
    private static final Duration PATIENCE = Duration.ofMillis(400);

    private static final Duration CLOSE_TIME = Duration.ofSeconds(10);
    private static final long PROGRESS = 50_000;

    private final Database database;
    private final int steps;
    private final LocalCluster cluster;
    private final LongAdder onReplicas = new LongAdder();

    /**
     * Starts the cluster.
     *
     * @param steps how many steps each session takes in a round, whose history is kept until it has been checked
     */
    ConsistencyRun(Database database, int steps) {
        this.database = database;
        this.steps = steps;
        cluster = database.cluster().replicas(2).start();
        R2dbcSubject.createTable(cluster);
    }

    ConsistencySample withoutFaults(Consistency level, long operations) {
        Set<Guarantee> wanted = EnumSet.of(Guarantee.READ_YOUR_WRITES);
        return run(level, wanted, new ReentrantLock(), done -> done < operations, Map::of);
    }

    /**
     * Runs until there were so many operations, for at least so long.
     *
     * @param wanted what is promised
     */
    ConsistencySample underFaults(Consistency level, Set<Guarantee> wanted, long operations, Duration least) {
        long end = System.nanoTime() + least.toNanos();
        List<ClusterFault> possible = ClusterFault.on(database.toString());
        try (FaultCycle faults = FaultCycle.start(cluster, possible, SEED, OUTAGE, CALM)) {
            return run(
                    level,
                    wanted,
                    faults.calm(),
                    done -> {
                        faults.hasHadAll();
                        return done < operations || System.nanoTime() - end < 0;
                    },
                    faults::tallies);
        }
    }

    private ConsistencySample run(
            Consistency level,
            Set<Guarantee> wanted,
            Lock calm,
            LongPredicate goOn,
            Supplier<Map<ClusterFault, Tally>> faults) {
        onReplicas.reset();
        RoutingConnectionFactory factory = database.routingOverProxies(cluster)
                .maxLag(Duration.ofMinutes(1))
                .maxSize(SESSIONS)
                .option(RoutingOptions.CATCH_UP_TIMEOUT, PATIENCE)
                .routeListener(route -> {
                    if (route.role() == NodeRole.REPLICA) {
                        onReplicas.increment();
                    }
                })
                .build();
        try {
            long start = System.nanoTime();
            R2dbcSubject subject = new R2dbcSubject(factory, new Hints(level), cluster, calm);
            Progress progress = new Progress(level, goOn);
            Findings findings = new Workload(subject, wanted, SEED, SESSIONS, steps).run(progress);
            double seconds = (System.nanoTime() - start) / 1e9;
            System.err.println(level + ", " + findings);
            System.err.println(faults.get() + ", " + factory.catchUps());
            return sample(level, findings, seconds, factory.catchUps().weakened(), faults.get());
        } finally {
            factory.close().block(CLOSE_TIME);
        }
    }

    private ConsistencySample sample(
            Consistency level, Findings findings, double seconds, long weakened, Map<ClusterFault, Tally> faults) {
        Map<Guarantee, Long> broken = new EnumMap<>(Guarantee.class);
        for (Guarantee guarantee : Guarantee.values()) {
            broken.put(guarantee, findings.count(EnumSet.of(guarantee)));
        }
        return new ConsistencySample(
                level.toString(),
                seconds,
                findings.operations(),
                findings.operations(Kind.READ) + findings.operations(Kind.READ_LATEST),
                onReplicas.sum(),
                weakened,
                findings.problems().values().stream().mapToLong(Long::longValue).sum(),
                faults.values().stream().mapToLong(Tally::times).sum(),
                faults.entrySet().stream()
                        .filter(fault -> fault.getValue().effective() == 0)
                        .map(fault -> fault.getKey().toString())
                        .toList(),
                broken,
                findings.violations().stream().map(Object::toString).toList());
    }

    @Override
    public void close() {
        cluster.close();
    }

    /** Says now and then how far it is. */
    private static final class Progress implements LongPredicate {

        private final Consistency level;
        private final LongPredicate goOn;
        private final long start = System.nanoTime();
        private long next = PROGRESS;

        private Progress(Consistency level, LongPredicate goOn) {
            this.level = level;
            this.goOn = goOn;
        }

        @Override
        public boolean test(long done) {
            if (done >= next) {
                next = done + PROGRESS;
                System.err.printf(
                        "%s: %,d operations in %d s%n", level, done, (System.nanoTime() - start) / 1_000_000_000);
            }
            return goOn.test(done);
        }
    }

    /** The sessions are those of the context. */
    private record Hints(Consistency level) implements SessionHints {

        @Override
        public UnaryOperator<Context> newSession() {
            ConsistencySession session = ConsistencySession.create();
            return context ->
                    Routing.session(session).andThen(Routing.consistency(level)).apply(context);
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
