package io.github.r2dbcrouting.benchmarks.faults;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.lang.management.ManagementFactory;

/**
 * What the process and the servers hold at one moment.
 *
 * @param fault what was mended last
 * @param heap megabytes that are left after a collection
 * @param threads live threads
 * @param files open file descriptors
 * @param sessions those of the application and the monitor, at all nodes
 */
record SoakSample(String fault, double heap, int threads, long files, int sessions) {

    private static final double MEGABYTE = 1 << 20;

    static SoakSample take(SoakFault fault, LocalCluster cluster, Database database) {
        int sessions = OpenSessions.count(cluster, cluster.nodes(), database);
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return new SoakSample(
                fault.name(),
                (runtime.totalMemory() - runtime.freeMemory()) / MEGABYTE,
                ManagementFactory.getThreadMXBean().getThreadCount(),
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                        ? unix.getOpenFileDescriptorCount()
                        : 0,
                sessions);
    }
}
