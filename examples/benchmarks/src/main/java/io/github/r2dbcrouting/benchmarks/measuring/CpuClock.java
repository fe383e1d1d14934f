package io.github.r2dbcrouting.benchmarks.measuring;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The CPU time of all threads of this process, those of the garbage collector and the compiler included. Where the kernel
 * tells it thread by thread, it is exact to the nanosecond; the JVM's own figure goes in steps of 10 ms, which are more than
 * 1 % of a short round. Not safe for concurrent use.
 */
final class CpuClock {

    private static final Path THREADS = Path.of("/proc/self/task");

    private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final Map<Path, Long> lastReadings = new HashMap<>();
    private final boolean precise = Files.isReadable(Path.of("/proc/self/schedstat"));
    private long total;

    /** Returns nanoseconds since some moment. What a thread did between a reading and its end is lost. */
    long nanos() throws IOException {
        if (!precise) {
            return system.getProcessCpuTime();
        }
        for (Path thread : threads()) {
            long now = reading(thread);
            Long last = lastReadings.put(thread, now);
            // Less than before means that another thread has got the number of one that ended.
            total += last == null || now < last ? now : now - last;
        }
        return total;
    }

    private static List<Path> threads() throws IOException {
        try (Stream<Path> threads = Files.list(THREADS)) {
            return threads.toList();
        }
    }

    /** The first number of a thread's {@code schedstat} is its time on a CPU in nanoseconds. */
    private long reading(Path thread) {
        try {
            String text = Files.readString(thread.resolve("schedstat"));
            return Long.parseLong(text.substring(0, text.indexOf(' ')));
        } catch (IOException e) {
            // It has ended since it was listed.
            return lastReadings.getOrDefault(thread, 0L);
        }
    }
}
