package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/** Reads and writes at a steady rate while one node after another fails. */
final class SoakRun implements AutoCloseable {

    static final int CONNECTIONS = 10;

    /** After so many samples the same faults come again. */
    static final int CYCLE = SoakFault.values().length;

    private static final int READS_PER_SECOND = 300;
    private static final int WRITES_PER_SECOND = 100;
    private static final Duration BEAT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);
    /** After a kill a client sends until it has read that its connection was reset: so what it sends then is in flight too. */
    private static final Duration NOTICE = Duration.ofMillis(250);

    private static final Duration CLOSE_TIME = Duration.ofSeconds(10);

    private final Database database;
    private final LocalCluster cluster;
    private final RoutingConnectionFactory factory;
    private final ReadsAndWrites load;
    private final LongAdder operations = new LongAdder();
    private final Queue<SteadyLoad.Ended> failedReads = new ConcurrentLinkedQueue<>();
    private final Queue<SteadyLoad.Ended> failedWrites = new ConcurrentLinkedQueue<>();
    private final List<Outage> outages = new ArrayList<>();
    private final List<SoakSample> samples = new ArrayList<>();

    /** Between which moments the primary was killed, on the clock of {@link System#nanoTime()}. */
    private record Outage(long from, long to) {

        boolean overlaps(SteadyLoad.Ended operation) {
            long end = operation.startedAt() + (long) (operation.millis() * 1e6);
            return operation.startedAt() - to <= 0 && end - from >= 0;
        }
    }

    SoakRun(Database database) {
        this.database = database;
        cluster = database.cluster().replicas(2).start();
        ReadsAndWrites.prepare(cluster);
        factory = database.routing(cluster)
                .maxSize(CONNECTIONS)
                .option(RoutingOptions.ACQUIRE_TIMEOUT, LONGEST_WAIT)
                .build();
        load = new ReadsAndWrites(factory, database);
    }

    /**
     * Strikes every few seconds for as long as told, and takes a sample before each new fault. It ends with the last fault of a
     * cycle, the second one or a later one.
     */
    void run(Duration length) throws InterruptedException {
        ReadsAndWrites.Running running = load.begin(
                READS_PER_SECOND,
                ended -> count(ended, failedReads),
                WRITES_PER_SECOND,
                ended -> count(ended, failedWrites));
        try {
            Thread.sleep(BEAT.toMillis());
            long end = System.nanoTime() + length.toNanos();
            for (int number = 0; System.nanoTime() - end < 0 || number < 2 * CYCLE || number % CYCLE != 0; number++) {
                long next = System.nanoTime() + BEAT.toNanos();
                SoakFault fault = SoakFault.values()[number % CYCLE];
                strike(fault, cluster.replicas().get(number % 2));
                Thread.sleep(Math.max(1_000, (next - System.nanoTime()) / 1_000_000));
                samples.add(SoakSample.take(fault, cluster, database));
            }
        } finally {
            running.finish();
        }
        running.requireRates();
    }

    private void strike(SoakFault fault, ClusterNode replica) throws InterruptedException {
        long from = System.nanoTime();
        fault.strike(cluster, replica, database);
        long to = System.nanoTime() + NOTICE.toNanos();
        fault.mend(cluster, replica);
        if (fault.hitsWrites()) {
            outages.add(new Outage(from, to));
        }
    }

    private void count(SteadyLoad.Ended ended, Queue<SteadyLoad.Ended> failed) {
        operations.increment();
        if (ended.hasFailed()) {
            failed.add(ended);
        }
    }

    List<SoakSample> samples() {
        return samples;
    }

    long operations() {
        return operations.sum();
    }

    /** Returns the writes that were in flight when the primary was killed. */
    List<SteadyLoad.Ended> lostWrites() {
        return failedWrites.stream().filter(this::wasInFlight).toList();
    }

    /** Returns what failed besides. */
    List<SteadyLoad.Ended> failures() {
        List<SteadyLoad.Ended> failures = new ArrayList<>(failedReads);
        failedWrites.stream().filter(write -> !wasInFlight(write)).forEach(failures::add);
        return failures;
    }

    private boolean wasInFlight(SteadyLoad.Ended write) {
        return outages.stream().anyMatch(outage -> outage.overlaps(write));
    }

    @Override
    public void close() {
        factory.close().block(CLOSE_TIME);
        cluster.close();
    }
}
