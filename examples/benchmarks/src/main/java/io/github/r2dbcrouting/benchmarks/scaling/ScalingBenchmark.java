package io.github.r2dbcrouting.benchmarks.scaling;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingConnectionFactoryBuilder;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.RoundPlan;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.Load;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.load.ServingReplicas;
import io.github.r2dbcrouting.benchmarks.measuring.MachineCpu;
import io.github.r2dbcrouting.benchmarks.measuring.Meter;
import io.github.r2dbcrouting.benchmarks.scaling.ScalingTurn.Cell;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How reads grow with the number of replicas, each of which serves as many at a time as it has connections. */
public final class ScalingBenchmark implements Benchmark {

    private static final RoundPlan THOROUGH = new RoundPlan(Duration.ofSeconds(45), 12, Duration.ofSeconds(1));
    private static final RoundPlan QUICK = new RoundPlan(Duration.ofSeconds(5), 4, Duration.ofMillis(400));

    /** Each way, so that what bounds a node is its connections, and not the machine that all nodes share. */
    private static final Duration LATENCY = Duration.ofMillis(5);

    private static final int CONNECTIONS_PER_NODE = 2;

    /** So that each connection is wanted again when it comes back. */
    private static final int CALLERS_PER_CONNECTION = 2;

    private static final int MOST_REPLICAS = 8;

    /** Four factories stand idle while one is measured, and what they ask their 17 nodes counts as CPU of the machine. */
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(2);

    private static final Duration CLOSE_TIME = Duration.ofSeconds(10);

    private static final List<Cell> CELLS = List.of(
            new Cell(1, false),
            new Cell(2, false),
            new Cell(4, false),
            new Cell(MOST_REPLICAS, false),
            new Cell(1, true));

    private final Load load = new Load(PointReads.KEYS);
    private final Meter meter = new Meter();

    @Override
    public String name() {
        return "scaling";
    }

    @Override
    public String description() {
        return "reads on 1, 2, 4 and 8 replicas that are 5 ms away, on 2 connections to each node";
    }

    @Override
    public Report run(Assignment assignment) throws IOException {
        RoundPlan plan = assignment.quick() ? QUICK : THOROUGH;
        Database database = assignment.requiredDatabase();
        try (LocalCluster cluster = database.cluster().replicas(MOST_REPLICAS).start()) {
            PointReads.prepare(cluster);
            cluster.awaitReplication();
            for (ClusterNode node : cluster.nodes()) {
                node.proxy().latency(LATENCY);
            }
            Map<Cell, RoutingConnectionFactory> factories = new LinkedHashMap<>();
            CELLS.forEach(cell -> factories.put(cell, factory(cluster, database, cell.replicas())));
            try {
                factories.forEach((cell, factory) -> ServingReplicas.await(factory, cell.replicas()));
                return measure(factories, database, plan);
            } finally {
                Flux.fromIterable(factories.values())
                        .flatMap(RoutingConnectionFactory::close)
                        .then()
                        .block(CLOSE_TIME);
            }
        }
    }

    private static RoutingConnectionFactory factory(LocalCluster cluster, Database database, int replicas) {
        RoutingConnectionFactoryBuilder builder = database.routingWithoutNodes(cluster)
                .option(RoutingOptions.INITIAL_SIZE, CONNECTIONS_PER_NODE)
                .maxSize(CONNECTIONS_PER_NODE)
                .option(RoutingOptions.PROBE_INTERVAL, PROBE_INTERVAL)
                // No node fails here: one that is late on a busy machine must not be taken for one that does.
                .option(RoutingOptions.PROBE_TIMEOUT, ServingReplicas.OPENING_TIME)
                // What sessions wait for is measured elsewhere.
                .option(RoutingOptions.DEFAULT_SESSION, SessionScope.NONE);
        for (ClusterNode node : cluster.nodes().subList(0, 1 + replicas)) {
            builder.node(node.name(), node.proxy().host(), node.proxy().port());
        }
        return builder.build();
    }

    private Report measure(Map<Cell, RoutingConnectionFactory> factories, Database database, RoundPlan plan)
            throws IOException {
        BooleanSupplier cold = Load.during(plan.warmUp());
        while (cold.getAsBoolean()) {
            for (ScalingLoad what : ScalingLoad.values()) {
                factories.forEach((cell, factory) ->
                        run(what.on(factory, database), cell, plan.turn().dividedBy(4)));
            }
        }
        List<ScalingTurn> turns = new ArrayList<>();
        for (int round = 0; round < plan.rounds(); round++) {
            for (ScalingLoad what : ScalingLoad.values()) {
                for (Cell cell : RoundPlan.order(CELLS, round)) {
                    IntFunction<Mono<String>> work = what.on(Objects.requireNonNull(factories.get(cell)), database);
                    turns.add(measure(what, cell, round, work, plan.turn()));
                }
            }
        }
        return new ScalingReport(turns).finish();
    }

    private ScalingTurn measure(ScalingLoad what, Cell cell, int round, IntFunction<Mono<String>> work, Duration length)
            throws IOException {
        MachineCpu.Reading machine = MachineCpu.read();
        Meter.Reading before = meter.read();
        long operations = run(work, cell, length);
        Meter.Reading used = meter.read().since(before);
        return new ScalingTurn(
                what, cell, round, operations, used, MachineCpu.read().busySince(machine));
    }

    private long run(IntFunction<Mono<String>> work, Cell cell, Duration length) {
        int callers = cell.replicas() * CONNECTIONS_PER_NODE * CALLERS_PER_CONNECTION;
        return load.run(work, callers, Load.during(length));
    }
}
