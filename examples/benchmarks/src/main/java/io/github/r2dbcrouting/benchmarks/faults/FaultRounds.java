package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.load.ReadForm;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad.Ended;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.fault.ClusterFault;
import io.github.r2dbcrouting.fault.Struck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** Hits a replica again and again under a steady load of reads, and looks at what becomes of them. */
final class FaultRounds implements AutoCloseable {

    static final Duration PROBE_INTERVAL = Duration.ofMillis(500);
    static final Duration PROBE_TIMEOUT = Duration.ofMillis(500);

    private static final int READS_PER_SECOND = 500;
    private static final Duration WARM_UP = Duration.ofSeconds(6);
    private static final Duration BEFORE = Duration.ofSeconds(2);
    private static final Duration DURING = Duration.ofSeconds(4);
    private static final Duration LONGEST_RETURN = Duration.ofSeconds(20);
    private static final Duration CLOSE_TIME = Duration.ofSeconds(10);

    private final LocalCluster cluster;
    private final RoutingConnectionFactory factory;
    private final PointReads reads;
    private final Map<String, Long> lastSent = new ConcurrentHashMap<>();

    /**
     * What the reads run on.
     *
     * @param replicas how many there are
     * @param poolSize the most connections to each node
     * @param probeTimeout how long a probe may take
     */
    record Setting(int replicas, int poolSize, Duration probeTimeout) {

        /** Two replicas, and pools as they are unless set. */
        static final Setting TWO_REPLICAS = new Setting(2, 10, PROBE_TIMEOUT);

        /** Three replicas with larger pools, watched as they are unless set. */
        static final Setting THREE_REPLICAS = new Setting(3, 20, Duration.ofSeconds(1));

        /** Returns how long a read of a node that falls silent may take, until it was noticed and read elsewhere. */
        Duration slowest() {
            return PROBE_INTERVAL.plus(probeTimeout).plusMillis(100);
        }
    }

    /**
     * One round.
     *
     * @param round its number, from 0
     * @param node the replica that was hit
     * @param reads how many reads ended in this round
     * @param failed how many of them failed
     * @param problem why the first of them failed, empty if none did
     * @param slowest how long the slowest took, in milliseconds
     * @param leftOutAfter from the fault to the last statement that was sent to the replica, in milliseconds; 0 for none
     * @param backAfter from the first answer after the fault to the first statement that was sent to it, in milliseconds
     */
    record Round(
            int round,
            String node,
            int reads,
            int failed,
            String problem,
            double slowest,
            double leftOutAfter,
            double backAfter) {}

    FaultRounds(Database database, Setting setting) {
        cluster = database.cluster().replicas(setting.replicas()).start();
        PointReads.prepare(cluster);
        cluster.awaitReplication();
        factory = database.routing(cluster)
                .option(RoutingOptions.PROBE_INTERVAL, PROBE_INTERVAL)
                .option(RoutingOptions.PROBE_TIMEOUT, setting.probeTimeout())
                .maxSize(setting.poolSize())
                .routeListener(route -> lastSent.put(route.node().name(), System.nanoTime()))
                .build();
        reads = new PointReads(factory, database);
    }

    List<Round> run(ClusterFault fault, int rounds) throws InterruptedException {
        warmUp();
        List<Round> done = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            ClusterNode replica =
                    cluster.replicas().get(round % cluster.replicas().size());
            done.add(run(fault, round, replica));
        }
        return done;
    }

    /** Opens the connections and lets the JVM compile: neither is the fault's. */
    private void warmUp() throws InterruptedException {
        SteadyLoad load = load(ended -> {});
        Thread.sleep(WARM_UP.toMillis());
        load.finish();
    }

    private Round run(ClusterFault fault, int round, ClusterNode replica) throws InterruptedException {
        Queue<Ended> ended = new ConcurrentLinkedQueue<>();
        SteadyLoad load = load(ended::add);
        long hitAt;
        long mendedAt;
        long lastBefore;
        long backAt;
        try {
            Thread.sleep(BEFORE.toMillis());
            hitAt = System.nanoTime();
            Struck struck = fault.strike(cluster, replica);
            Thread.sleep(DURING.toMillis());
            lastBefore = lastSent.getOrDefault(replica.name(), hitAt);
            struck.mend();
            mendedAt = System.nanoTime();
            backAt = awaitStatement(replica, lastBefore);
        } finally {
            load.finish();
        }
        return round(round, replica, ended, (lastBefore - hitAt) / 1e6, (backAt - mendedAt) / 1e6);
    }

    private SteadyLoad load(Consumer<Ended> told) {
        return new SteadyLoad(key -> reads.read(key, ReadForm.PLAIN), READS_PER_SECOND, told);
    }

    /** Returns when the replica was sent the first statement after a moment, to a millisecond. */
    private long awaitStatement(ClusterNode replica, long after) throws InterruptedException {
        long patience = System.nanoTime() + LONGEST_RETURN.toNanos();
        long latest = after;
        while (latest == after) {
            if (System.nanoTime() - patience > 0) {
                throw new IllegalStateException(replica + " got no statement within " + LONGEST_RETURN);
            }
            Thread.sleep(1);
            latest = lastSent.getOrDefault(replica.name(), after);
        }
        return latest;
    }

    private static Round round(
            int number, ClusterNode replica, Queue<Ended> ended, double leftOutAfter, double backAfter) {
        List<Ended> failed = ended.stream().filter(Ended::hasFailed).toList();
        return new Round(
                number,
                replica.name(),
                ended.size(),
                failed.size(),
                failed.isEmpty() ? "" : failed.get(0).problem(),
                ended.stream().mapToDouble(Ended::millis).max().orElseThrow(),
                Math.max(0, leftOutAfter),
                Math.max(0, backAfter));
    }

    @Override
    public void close() {
        factory.close().block(CLOSE_TIME);
        cluster.close();
    }
}
