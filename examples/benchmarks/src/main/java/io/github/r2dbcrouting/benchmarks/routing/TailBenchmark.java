package io.github.r2dbcrouting.benchmarks.routing;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.RoundPlan;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.load.ReadForm;
import io.github.r2dbcrouting.benchmarks.load.ServingReplicas;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad.Ended;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;

/** What the slowest reads feel of one slow replica among four. */
public final class TailBenchmark implements Benchmark {

    private static final RoundPlan THOROUGH = new RoundPlan(Duration.ofSeconds(5), 12, Duration.ofSeconds(3));
    private static final RoundPlan QUICK = new RoundPlan(Duration.ofSeconds(2), 4, Duration.ofMillis(1_200));

    /** Each way. */
    private static final Duration LATENCY = Duration.ofMillis(25);

    private static final int REPLICAS = 4;
    private static final int READS_PER_SECOND = 500;
    private static final int CONNECTIONS_PER_NODE = 10;
    private static final Duration CLOSE_TIME = Duration.ofSeconds(10);

    @Override
    public String name() {
        return "tail";
    }

    @Override
    public String description() {
        return "500 reads of one row a second on four replicas, one of which is 50 ms slower";
    }

    @Override
    public Report run(Assignment assignment) throws InterruptedException {
        RoundPlan plan = assignment.quick() ? QUICK : THOROUGH;
        Database database = assignment.requiredDatabase();
        try (LocalCluster cluster = database.cluster().replicas(REPLICAS).start()) {
            PointReads.prepare(cluster);
            cluster.awaitReplication();
            Map<TailVariant, Contestant> contestants = new EnumMap<>(TailVariant.class);
            for (TailVariant variant : TailVariant.values()) {
                contestants.put(variant, new Contestant(variant, cluster, database));
            }
            try {
                contestants.values().forEach(contestant -> ServingReplicas.await(contestant.factory, REPLICAS));
                return measure(contestants, plan);
            } finally {
                Flux.fromIterable(contestants.values())
                        .flatMap(contestant -> contestant.factory.close())
                        .then()
                        .block(CLOSE_TIME);
            }
        }
    }

    private static Report measure(Map<TailVariant, Contestant> contestants, RoundPlan plan)
            throws InterruptedException {
        for (Contestant contestant : contestants.values()) {
            contestant.warmUp(plan.warmUp());
        }
        List<TailTurn> turns = new ArrayList<>();
        for (int round = 0; round < plan.rounds(); round++) {
            for (TailVariant variant : RoundPlan.order(contestants.keySet(), round)) {
                turns.add(Objects.requireNonNull(contestants.get(variant)).turn(round, plan.turn()));
            }
        }
        return new TailReport(turns).finish();
    }

    /** A variant with a factory of its own, so that none learns from another. */
    private static final class Contestant {

        private final TailVariant variant;
        private final ClusterNode slow;
        private final RoutingConnectionFactory factory;
        private final PointReads reads;
        private final AtomicInteger onSlow = new AtomicInteger();

        Contestant(TailVariant variant, LocalCluster cluster, Database database) {
            this.variant = variant;
            this.slow = cluster.replicas().get(0);
            this.factory = database.routingOverProxies(cluster)
                    .loadBalancer(variant.balancer())
                    .option(RoutingOptions.INITIAL_SIZE, CONNECTIONS_PER_NODE)
                    .maxSize(CONNECTIONS_PER_NODE)
                    // What sessions wait for, and what is left out altogether, is measured elsewhere.
                    .option(RoutingOptions.DEFAULT_SESSION, SessionScope.NONE)
                    .option(RoutingOptions.OUTLIER_DETECTION, false)
                    // No node fails here: one that is late on a busy machine must not be taken for one that does.
                    .option(RoutingOptions.PROBE_TIMEOUT, ServingReplicas.OPENING_TIME)
                    .routeListener(route -> {
                        if (route.node().name().equals(slow.name())) {
                            onSlow.incrementAndGet();
                        }
                    })
                    .build();
            this.reads = new PointReads(factory, database);
        }

        /** Opens the connections, lets the JVM compile, and lets the balancer learn: none of it is the slow replica's. */
        void warmUp(Duration length) throws InterruptedException {
            run(length, ended -> {});
        }

        private SteadyLoad run(Duration length, Consumer<Ended> told) throws InterruptedException {
            slow.proxy().latency(variant.hasSlow() ? LATENCY : Duration.ZERO);
            SteadyLoad load = new SteadyLoad(key -> reads.read(key, ReadForm.PLAIN), READS_PER_SECOND, told);
            Thread.sleep(length.toMillis());
            load.finish();
            return load;
        }

        TailTurn turn(int round, Duration length) throws InterruptedException {
            onSlow.set(0);
            Queue<Ended> ended = new ConcurrentLinkedQueue<>();
            run(length, ended::add).requireRate();
            ended.stream().filter(Ended::hasFailed).findFirst().ifPresent(failed -> {
                throw new IllegalStateException("a read failed: " + failed.problem());
            });
            Samples millis = Samples.of(List.copyOf(ended), Ended::millis);
            return new TailTurn(
                    variant,
                    round,
                    ended.size(),
                    millis.median(),
                    millis.quantile(0.99),
                    millis.quantile(1),
                    onSlow.get());
        }
    }
}
