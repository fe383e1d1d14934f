package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.load.ReadForm;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad.Ended;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.retry.FallbackReads;
import io.github.r2dbcrouting.retry.RetryCounts;
import io.github.r2dbcrouting.settings.PerNode;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.settings.RetrySettings;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Has all replicas fail again and again under a steady load of reads and writes, and looks at what reaches the primary. */
final class RetryStorm implements AutoCloseable {

    private static final int READS_PER_SECOND = 1_000;
    private static final int WRITES_PER_SECOND = 200;
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Duration BEFORE = Duration.ofSeconds(3);
    private static final Duration DURING = Duration.ofSeconds(4);
    private static final Duration LONGEST_RETURN = Duration.ofSeconds(20);
    private static final Duration CLOSE_TIME = Duration.ofSeconds(10);

    /** Those of a user who sets none. */
    private static final RetrySettings SETTINGS = RetrySettings.defaults(PerNode.all(PoolSettings.defaults()));

    private static final int SAVED_SECONDS = 10;

    private final LocalCluster cluster;
    private final Database database;
    private final FailingReads failing;
    private final RoutingConnectionFactory factory;
    private final PointReads reads;
    private final AtomicLong fallbacks = new AtomicLong();

    /**
     * One round.
     *
     * @param fault what befell the replicas
     * @param reads how many reads were begun while it lasted
     * @param failedReads how many of them failed
     * @param problem why the first of them failed, empty if none did
     * @param fallbackReads how many reads were sent to the primary meanwhile
     * @param retries how much was sent again at the expense of the budget
     * @param allowedRetries how much the budget allows in that time, for that many statements
     * @param refusedRetries how much the budget refused
     * @param mostFallbacks how many connections reads have had to the primary at once at most, in this round and before
     * @param allowedFallbacks how many they may have
     * @param refusedFallbacks how many reads found no room on the primary
     * @param failedWrites how many writes failed
     * @param p99Before of the writes without the fault, in milliseconds
     * @param p99During of the writes with it
     */
    record Round(
            StormFault fault,
            int reads,
            long failedReads,
            String problem,
            long fallbackReads,
            long retries,
            double allowedRetries,
            long refusedRetries,
            int mostFallbacks,
            int allowedFallbacks,
            long refusedFallbacks,
            long failedWrites,
            double p99Before,
            double p99During) {

        double retriesOfAllowed() {
            return retries / allowedRetries;
        }

        double fallbacksOfAllowed() {
            return (double) mostFallbacks / allowedFallbacks;
        }

        double writesSlower() {
            return p99During / p99Before;
        }
    }

    RetryStorm(Database database) {
        this.database = database;
        cluster = database.cluster().replicas(2).start();
        PointReads.prepare(cluster);
        failing = new FailingReads(cluster, database);
        cluster.awaitReplication();
        factory = database.routing(cluster)
                .option(RoutingOptions.PROBE_INTERVAL, FaultRounds.PROBE_INTERVAL)
                .option(RoutingOptions.PROBE_TIMEOUT, FaultRounds.PROBE_TIMEOUT)
                .routeListener(route -> {
                    if (route.decision() != null && route.decision().isFallback()) {
                        fallbacks.incrementAndGet();
                    }
                })
                .build();
        reads = new PointReads(factory, database, FailingReads.TABLE);
    }

    /** Runs so many rounds with each fault, in turn. */
    List<Round> run(int rounds) throws InterruptedException {
        Queue<Ended> none = new ConcurrentLinkedQueue<>();
        phase(WARM_UP, none, none);
        List<Round> done = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            for (StormFault fault : StormFault.values()) {
                done.add(run(fault));
            }
        }
        return done;
    }

    private Round run(StormFault fault) throws InterruptedException {
        Queue<Ended> before = new ConcurrentLinkedQueue<>();
        phase(BEFORE, new ConcurrentLinkedQueue<>(), before);
        Queue<Ended> read = new ConcurrentLinkedQueue<>();
        Queue<Ended> written = new ConcurrentLinkedQueue<>();
        RetryCounts retriesBefore = factory.retries();
        FallbackReads fallbacksBefore = factory.fallbackReads();
        long sentBefore = fallbacks.get();
        SteadyLoad reading = reading(read);
        SteadyLoad writing = writing(written);
        long begunAt = System.nanoTime();
        try {
            fault.strike(cluster, failing);
            Thread.sleep(DURING.toMillis());
        } finally {
            reading.finish();
            writing.finish();
        }
        double seconds = (System.nanoTime() - begunAt) / 1e9;
        RetryCounts retries = factory.retries();
        FallbackReads fallback = factory.fallbackReads();
        fault.mend(cluster, failing);
        awaitReplicas();
        int statements = read.size() + written.size();
        List<Ended> failed = read.stream().filter(Ended::hasFailed).toList();
        return new Round(
                fault,
                read.size(),
                failed.size(),
                failed.isEmpty() ? "" : failed.get(0).problem(),
                fallbacks.get() - sentBefore,
                retries.sent() - retries.free() - retriesBefore.sent() + retriesBefore.free(),
                (SAVED_SECONDS + seconds) * SETTINGS.perSecond() + statements * SETTINGS.share(),
                retries.refused() - retriesBefore.refused(),
                fallback.most(),
                fallback.limit(),
                fallback.refused() - fallbacksBefore.refused(),
                written.stream().filter(Ended::hasFailed).count(),
                p99(before),
                p99(written));
    }

    private void phase(Duration time, Queue<Ended> read, Queue<Ended> written) throws InterruptedException {
        SteadyLoad reading = reading(read);
        SteadyLoad writing = writing(written);
        Thread.sleep(time.toMillis());
        reading.finish();
        writing.finish();
    }

    private SteadyLoad reading(Queue<Ended> ended) {
        return new SteadyLoad(key -> reads.read(key, ReadForm.PLAIN), READS_PER_SECOND, ended::add);
    }

    private SteadyLoad writing(Queue<Ended> ended) {
        return new SteadyLoad(this::write, WRITES_PER_SECOND, ended::add);
    }

    private Mono<?> write(int key) {
        String update = "UPDATE item SET name = concat('again the item with the number ', id) WHERE id = "
                + database.placeholder(0);
        return Mono.usingWhen(
                factory.create(),
                connection -> Flux.from(
                                connection.createStatement(update).bind(0, key).execute())
                        .concatMap(Result::getRowsUpdated)
                        .then(),
                Connection::close);
    }

    private static double p99(Queue<Ended> ended) {
        return Samples.of(List.copyOf(ended), Ended::millis).quantile(0.99);
    }

    /** Until reads run on replicas alone again. */
    private void awaitReplicas() throws InterruptedException {
        long patience = System.nanoTime() + LONGEST_RETURN.toNanos();
        long seen;
        do {
            if (System.nanoTime() - patience > 0) {
                throw new IllegalStateException("reads still fall back after " + LONGEST_RETURN);
            }
            seen = fallbacks.get();
            Thread.sleep(100);
            for (int key = 0; key < 10; key++) {
                reads.read(key, ReadForm.PLAIN).onErrorComplete().block(LONGEST_RETURN);
            }
        } while (fallbacks.get() != seen || !cluster.replicas().stream().allMatch(this::isUsable));
    }

    private boolean isUsable(ClusterNode replica) {
        return factory.currentTopology().nodes().stream()
                .anyMatch(node -> node.id().name().equals(replica.name()) && node.isUsable());
    }

    @Override
    public void close() {
        factory.close().block(CLOSE_TIME);
        cluster.close();
    }
}
