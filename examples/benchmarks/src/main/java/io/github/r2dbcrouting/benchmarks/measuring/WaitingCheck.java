package io.github.r2dbcrouting.benchmarks.measuring;

import io.github.r2dbcrouting.benchmarks.frame.Samples;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Counts how often threads that do the same thing at the same time have to wait for each other: blocked at a monitor, or
 * parked, as all of Java's locks do. There are more threads than cores, so that a lock would be held now and then by one
 * that does not run, and the others would have to wait.
 */
public final class WaitingCheck {

    private static final int THREADS_PER_CORE = 2;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final int concurrent;
    private final int operations;

    /**
     * Creates a check.
     *
     * @param concurrent how many threads
     * @param operations how many operations of each of them
     */
    WaitingCheck(int concurrent, int operations) {
        this.concurrent = concurrent;
        this.operations = operations;
    }

    /**
     * What was shown.
     *
     * @param waits of each round
     * @param threads how many there were
     * @param locked how often they waited in a round where there was a lock
     */
    public record Shown(Samples waits, int threads, long locked) {

        @Override
        public String toString() {
            return "waits of " + threads + " threads (with a lock " + locked + ")";
        }
    }

    /**
     * Shows how often threads wait for each other in each of several rounds, and with one lock more that it would have been
     * seen.
     */
    public static Shown show(Runnable operation, int operations, int rounds)
            throws InterruptedException, ExecutionException {
        int threads = THREADS_PER_CORE * Runtime.getRuntime().availableProcessors();
        WaitingCheck check = new WaitingCheck(threads, operations);
        // The first round loads classes, for which the JVM has locks of its own.
        check.waits(operation);
        double[] waits = new double[rounds];
        long locked = 0;
        for (int round = 0; round < rounds; round++) {
            waits[round] = check.waits(operation);
            locked += check.waits(() -> {
                synchronized (check) {
                    operation.run();
                }
            });
        }
        if (locked == 0) {
            throw new IllegalStateException("the check did not see a lock that was there, so it shows nothing");
        }
        return new Shown(Samples.of(waits), threads, locked / rounds);
    }

    /** Runs the operation in all threads and returns how often any of them waited. */
    long waits(Runnable operation) throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(concurrent);
        try {
            CyclicBarrier start = new CyclicBarrier(concurrent);
            List<Callable<Long>> tasks = new ArrayList<>();
            for (int i = 0; i < concurrent; i++) {
                tasks.add(() -> {
                    start.await();
                    return waitsOfOne(operation);
                });
            }
            long sum = 0;
            for (Future<Long> each : pool.invokeAll(tasks)) {
                sum += each.get();
            }
            return sum;
        } finally {
            pool.shutdownNow();
        }
    }

    private long waitsOfOne(Runnable operation) {
        long before = waitsOfThisThread();
        for (int i = 0; i < operations; i++) {
            operation.run();
        }
        return waitsOfThisThread() - before;
    }

    private long waitsOfThisThread() {
        ThreadInfo info = threads.getThreadInfo(Thread.currentThread().getId());
        return info.getBlockedCount() + info.getWaitedCount();
    }
}
