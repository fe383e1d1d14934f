package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.membership.DrainProgress;
import io.github.r2dbcrouting.membership.RoutingNodes;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Flux;

/** Reads and writes at a steady rate while replicas are taken out and in, one at least being left. */
final class MembershipRun implements AutoCloseable {

    private static final int REPLICAS = 4;
    private static final int READS_PER_SECOND = 200;
    private static final int WRITES_PER_SECOND = 100;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final int WARM_UP = 3_000;
    private static final int CALLERS = 8;
    private static final Duration WARM_UP_LIMIT = Duration.ofMinutes(2);
    private static final Duration SLOWEST_PROBE = Duration.ofSeconds(5);
    private static final Duration MOST_LAG = Duration.ofSeconds(15);

    /** Longer than the router waits itself, so that it is the router that says what was not possible. */
    private static final Duration PATIENCE = LIMIT.plusSeconds(30);

    /** After a session was ended by its client the server shows it for a moment yet. */
    private static final Duration LEAVING = Duration.ofSeconds(10);

    /** What is done to a node. */
    enum Change {
        ADD,
        REMOVE,
        DRAIN,
        RESUME,
        WEIGHT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One change, and how long it took. */
    record Done(Change change, String node, double millis) {}

    private final Database database;
    private final Random random;
    private final LocalCluster cluster;
    private final RoutingConnectionFactory factory;
    private final ReadsAndWrites load;
    private final LongAdder operations = new LongAdder();
    private final Queue<SteadyLoad.Ended> failures = new ConcurrentLinkedQueue<>();
    private final List<Done> done = new ArrayList<>();
    private final List<ClusterNode> out = new ArrayList<>();
    private final List<ClusterNode> drained = new ArrayList<>();
    private final List<ClusterNode> serving;

    MembershipRun(Database database, long seed) {
        this.database = database;
        this.random = new Random(seed);
        cluster = database.cluster().replicas(REPLICAS).start();
        ReadsAndWrites.prepare(cluster);
        serving = new ArrayList<>(cluster.replicas());
        factory = database.routing(cluster)
                .option(RoutingOptions.ACQUIRE_TIMEOUT, LIMIT)
                // Servers that share two processors with their clients answer late now and then, and that is not what
                // is measured.
                .option(RoutingOptions.PROBE_TIMEOUT, SLOWEST_PROBE)
                .maxLag(MOST_LAG)
                // Reads see what was just written on a replica, or they would all go to the primary.
                .catchUpTimeout(SLOWEST_PROBE)
                .build();
        load = new ReadsAndWrites(factory, database);
    }

    /** Makes so many changes, one after the other, not faster than one in each beat. */
    void run(int changes, Duration beat) throws InterruptedException {
        warmUp();
        while (!factory.currentTopology().nodes().stream().allMatch(NodeState::isUsable)) {
            Thread.sleep(100);
        }
        ReadsAndWrites.Running running = load.begin(READS_PER_SECOND, this::count, WRITES_PER_SECOND, this::count);
        try {
            Thread.sleep(Duration.ofSeconds(1).toMillis());
            for (int number = 0; number < changes; number++) {
                long next = System.nanoTime() + beat.toNanos();
                change();
                Thread.sleep(Math.max(0, (next - System.nanoTime()) / 1_000_000));
            }
        } finally {
            running.finish();
        }
        running.requireRates();
    }

    /** A cold process that is given the whole load at once would queue it for many seconds. */
    private void warmUp() {
        Flux.range(0, WARM_UP)
                .flatMap(
                        number -> {
                            int key = number % PointReads.KEYS;
                            return number % 3 == 0 ? load.write(key) : load.read(key);
                        },
                        CALLERS)
                .blockLast(WARM_UP_LIMIT);
    }

    private void change() {
        List<Change> possible = new ArrayList<>(List.of(Change.WEIGHT));
        if (serving.size() > 1) {
            possible.addAll(List.of(Change.DRAIN, Change.DRAIN, Change.REMOVE, Change.REMOVE));
        }
        if (!drained.isEmpty()) {
            possible.addAll(List.of(Change.RESUME, Change.RESUME, Change.REMOVE));
        }
        if (!out.isEmpty()) {
            possible.addAll(List.of(Change.ADD, Change.ADD, Change.ADD));
        }
        Change change = possible.get(random.nextInt(possible.size()));
        long begunAt = System.nanoTime();
        ClusterNode node = perform(change);
        done.add(new Done(change, node.name(), (System.nanoTime() - begunAt) / 1e6));
    }

    private ClusterNode perform(Change change) {
        RoutingNodes nodes = factory.nodes();
        switch (change) {
            case ADD -> {
                ClusterNode node = takeFrom(out);
                nodes.add(new NodeSettings(new NodeId(node.name()), node.host(), node.port()))
                        .block(PATIENCE);
                serving.add(node);
                return node;
            }
            case REMOVE -> {
                ClusterNode node =
                        takeFrom(drained.isEmpty() || serving.size() > 1 && random.nextBoolean() ? serving : drained);
                nodes.remove(node.name()).block(PATIENCE);
                out.add(node);
                return node;
            }
            case DRAIN -> {
                ClusterNode node = takeFrom(serving);
                DrainProgress last = nodes.drain(node.name(), LIMIT).blockLast(PATIENCE);
                if (last == null || last.phase() != DrainProgress.Phase.DRAINED) {
                    throw new IllegalStateException("the draining ended with " + last);
                }
                drained.add(node);
                return node;
            }
            case RESUME -> {
                ClusterNode node = takeFrom(drained);
                nodes.resume(node.name()).block(PATIENCE);
                serving.add(node);
                return node;
            }
            case WEIGHT -> {
                ClusterNode node = serving.get(random.nextInt(serving.size()));
                nodes.weight(node.name(), 1 + random.nextInt(9)).block(PATIENCE);
                return node;
            }
        }
        throw new IllegalArgumentException("nobody knows how to " + change);
    }

    private ClusterNode takeFrom(List<ClusterNode> nodes) {
        return nodes.remove(random.nextInt(nodes.size()));
    }

    /** Returns how many sessions there are on nodes that were removed, and, when the factory is closed, on all. */
    int leaked() throws InterruptedException {
        int leaked = sessions(out);
        factory.close().block(LIMIT);
        return leaked + sessions(cluster.nodes());
    }

    private int sessions(List<ClusterNode> nodes) throws InterruptedException {
        long patience = System.nanoTime() + LEAVING.toNanos();
        int sessions;
        do {
            Thread.sleep(100);
            sessions = OpenSessions.count(cluster, nodes, database);
        } while (sessions > 0 && System.nanoTime() - patience < 0);
        return sessions;
    }

    private void count(SteadyLoad.Ended ended) {
        operations.increment();
        if (ended.hasFailed()) {
            failures.add(ended);
        }
    }

    long operations() {
        return operations.sum();
    }

    List<Done> done() {
        return done;
    }

    List<SteadyLoad.Ended> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        factory.close().block(LIMIT);
        cluster.close();
    }
}
