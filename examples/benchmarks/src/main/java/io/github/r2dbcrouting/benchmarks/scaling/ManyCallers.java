package io.github.r2dbcrouting.benchmarks.scaling;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.Load;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.load.ReadForm;
import io.github.r2dbcrouting.benchmarks.load.ReadOnlyTransaction;
import io.github.r2dbcrouting.benchmarks.measuring.Heap;
import io.github.r2dbcrouting.benchmarks.measuring.Waits;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Many more callers than there are connections, each of whom reads again as soon as it has its answer. */
final class ManyCallers implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Duration ROUND = Duration.ofSeconds(5);

    private final int callers;
    private final int connections;
    private final LocalCluster cluster;
    private final RoutingConnectionFactory factory;
    private final PointReads reads;
    private final AtomicLong failed = new AtomicLong();

    /** What came of one round. */
    record Round(long statements, long failed, double seconds, double medianMillis, double longestMillis) {}

    ManyCallers(Database database, int replicas, int connections, int callers) {
        this.callers = callers;
        this.connections = connections;
        cluster = database.cluster().replicas(replicas).start();
        PointReads.prepare(cluster);
        cluster.awaitReplication();
        factory = database.routing(cluster)
                .initialSize(connections)
                .maxSize(connections)
                .warmUp(LIMIT)
                .option(RoutingOptions.ACQUIRE_TIMEOUT, LIMIT)
                // A machine that is as busy as this one is told from nodes that are silent elsewhere.
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(10))
                .option(RoutingOptions.DEFAULT_SESSION, SessionScope.NONE)
                .build();
        reads = new PointReads(factory, database);
    }

    /** Has all connections of all replicas in use, and returns how many bytes of heap each caller takes who waits then. */
    double bytesOfWaiting() {
        // What is made once is no caller's.
        run(new Waits(), Load.during(WARM_UP));
        List<Connection> held = new ArrayList<>();
        for (ClusterNode replica : cluster.replicas()) {
            for (int i = 0; i < connections; i++) {
                held.add(Objects.requireNonNull(hold(replica).block(LIMIT)));
            }
        }
        long before = Heap.used();
        AtomicBoolean waiting = new AtomicBoolean(true);
        Mono<Long> crowd = crowd(new Waits(), () -> false).cache();
        crowd.subscribe(null, error -> waiting.set(false), () -> waiting.set(false));
        double bytes = (Heap.used() - before) / (double) callers;
        if (!waiting.get()) {
            throw new IllegalStateException("the callers did not wait");
        }
        Flux.fromIterable(held).flatMap(Connection::close).blockLast(LIMIT);
        crowd.block(LIMIT);
        return bytes;
    }

    private Mono<Connection> hold(ClusterNode replica) {
        return factory.create()
                .flatMap(connection -> Mono.from(connection.beginTransaction(ReadOnlyTransaction.DEFINITION))
                        .thenReturn(connection)
                        .cast(Connection.class))
                .contextWrite(Routing.using(replica.name()));
    }

    List<Round> rounds(int number) {
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            Waits waits = new Waits();
            long before = failed.get();
            long begin = System.nanoTime();
            long statements = run(waits, Load.during(ROUND));
            rounds.add(new Round(
                    statements,
                    failed.get() - before,
                    (System.nanoTime() - begin) / 1e9,
                    waits.millis().median(),
                    waits.millis().quantile(1)));
        }
        return rounds;
    }

    private long run(Waits waits, BooleanSupplier more) {
        Long statements = crowd(waits, more).block(LIMIT);
        return statements == null ? 0 : statements;
    }

    private Mono<Long> crowd(Waits waits, BooleanSupplier more) {
        return Flux.range(0, callers)
                .flatMap(
                        caller -> waits.timed(reads.read(caller % PointReads.KEYS, ReadForm.PLAIN))
                                .onErrorResume(this::failed)
                                .repeat(more)
                                .count(),
                        callers)
                .reduce(0L, Long::sum);
    }

    private Mono<String> failed(Throwable error) {
        if (failed.getAndIncrement() == 0) {
            System.err.println("the first of those that failed: " + error);
        }
        return Mono.empty();
    }

    @Override
    public void close() {
        try (cluster) {
            factory.close().block(LIMIT);
        }
    }
}
