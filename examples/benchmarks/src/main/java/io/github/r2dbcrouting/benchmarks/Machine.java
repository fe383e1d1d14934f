package io.github.r2dbcrouting.benchmarks;

import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the figures were measured on.
 *
 * @param cores what the JVM may use
 * @param processor its name, as far as the system tells
 * @param system name, version and architecture
 * @param jvm name and version
 * @param jvmArguments how the JVM was started
 * @param loadBefore processes that wanted to run, averaged over the minute before the start; negative where unknown
 */
record Machine(int cores, String processor, String system, String jvm, List<String> jvmArguments, double loadBefore) {

    static Machine current() {
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                processorName(),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                runtime.getVmName() + " " + System.getProperty("java.vm.version"),
                runtime.getInputArguments(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String processorName() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    @Override
    public String toString() {
        return cores + " cores (" + processor + "), " + jvm + ", load before " + Numbers.plain(loadBefore);
    }
}
