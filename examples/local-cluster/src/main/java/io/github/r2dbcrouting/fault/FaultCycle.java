package io.github.r2dbcrouting.fault;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Lets faults come and go, one after another, on a thread of its own until it is closed. The order is that of a seed. */
public final class FaultCycle implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LONGEST_OUTAGE = 5;

    private final LocalCluster cluster;
    private final List<ClusterFault> faults;
    private final int kinds;
    private final Random random;
    private final Duration outage;
    private final Duration calmness;
    private final ReentrantLock calm = new ReentrantLock(true);
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Map<ClusterFault, Tally> tallies = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::run, "faults");
    private volatile @Nullable RuntimeException failure;

    /**
     * How often a fault came.
     *
     * @param times how often
     * @param effective how often it was seen to do what it is meant to do
     */
    public record Tally(int times, int effective) {

        private Tally plus(boolean effect) {
            return new Tally(times + 1, effective + (effect ? 1 : 0));
        }
    }

    private FaultCycle(LocalCluster cluster, List<ClusterFault> faults, long seed, Duration outage, Duration calmness) {
        this.cluster = cluster;
        this.faults = new ArrayList<>(faults);
        this.kinds = faults.size();
        this.random = new Random(seed);
        this.outage = outage;
        this.calmness = calmness;
    }

    /**
     * Begins.
     *
     * @param outage how long each fault lasts; five times as long if it does nothing before
     * @param calmness how long there is none between two
     */
    public static FaultCycle start(
            LocalCluster cluster, List<ClusterFault> faults, long seed, Duration outage, Duration calmness) {
        FaultCycle cycle = new FaultCycle(cluster, faults, seed, outage, calmness);
        cycle.thread.setDaemon(true);
        cycle.thread.start();
        return cycle;
    }

    private void run() {
        try {
            while (true) {
                Collections.shuffle(faults, random);
                for (ClusterFault fault : faults) {
                    if (ending.await(calmness.toNanos(), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                    List<ClusterNode> replicas = cluster.replicas();
                    strike(fault, replicas.get(random.nextInt(replicas.size())));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void strike(ClusterFault fault, ClusterNode replica) throws InterruptedException {
        calm.lock();
        try {
            Struck struck = fault.strike(cluster, replica);
            boolean effect;
            try {
                // Also when it is the last: it is to be seen whether it does anything.
                effect = isSeen(struck);
            } finally {
                struck.mend();
            }
            tallies.merge(fault, new Tally(0, 0).plus(effect), (known, one) -> known.plus(effect));
        } finally {
            calm.unlock();
        }
    }

    /** Lets it last as long as told, and then as long as it takes to do something; on a slow machine that can be late. */
    private boolean isSeen(Struck struck) throws InterruptedException {
        for (int i = 0; i < LONGEST_OUTAGE; i++) {
            TimeUnit.NANOSECONDS.sleep(outage.toNanos());
            if (struck.hasEffect()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the lock that is held while there is a fault, so that who holds it sees none. */
    public Lock calm() {
        return calm;
    }

    /** Returns whether every fault has come by now; throws what has kept one from coming or going. */
    public boolean hasHadAll() {
        RuntimeException known = failure;
        if (known != null) {
            throw known;
        }
        return tallies.size() == kinds;
    }

    /** Returns how often each fault came by now. */
    public Map<ClusterFault, Tally> tallies() {
        return Map.copyOf(tallies);
    }

    /** Returns when the last fault has gone. */
    @Override
    public void close() {
        ending.countDown();
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            throw new IllegalStateException("a fault was not mended within " + PATIENCE);
        }
    }
}
