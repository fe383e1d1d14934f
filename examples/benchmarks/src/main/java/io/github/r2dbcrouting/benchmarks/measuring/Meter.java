package io.github.r2dbcrouting.benchmarks.measuring;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** Reads how much time has passed, how much of the CPU this process has used, and what its threads have allocated. */
public final class Meter {

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final CpuClock cpu = new CpuClock();

    /** Reads all; takes about a millisecond, so that rounds must be much longer. */
    public Reading read() throws IOException {
        return new Reading(System.nanoTime(), cpu.nanos(), allocatedBytes());
    }

    private long allocatedBytes() {
        long sum = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            // -1 for a thread that has just ended.
            sum += Math.max(0, bytes);
        }
        return sum;
    }

    /**
     * One reading, or what lies between two.
     *
     * @param nanos time that passed
     * @param cpuNanos CPU time of all threads
     * @param allocatedBytes allocated by the Java threads
     */
    public record Reading(long nanos, long cpuNanos, long allocatedBytes) {

        public Reading since(Reading earlier) {
            return new Reading(
                    nanos - earlier.nanos, cpuNanos - earlier.cpuNanos, allocatedBytes - earlier.allocatedBytes);
        }
    }
}
