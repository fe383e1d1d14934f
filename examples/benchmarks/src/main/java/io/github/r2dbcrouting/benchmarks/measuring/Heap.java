package io.github.r2dbcrouting.benchmarks.measuring;

import java.lang.management.ManagementFactory;

/** What is alive on the heap. */
public final class Heap {

    private static final int COLLECTIONS = 4;

    private Heap() {}

    /** Collects what is dead, and returns how many bytes are left. */
    public static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
