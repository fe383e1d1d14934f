package io.github.r2dbcrouting.benchmarks;

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
final class WaitingCheck {

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
