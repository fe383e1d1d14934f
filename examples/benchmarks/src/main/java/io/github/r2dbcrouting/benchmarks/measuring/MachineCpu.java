package io.github.r2dbcrouting.benchmarks.measuring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads how busy the whole machine is, the servers and strangers included. */
public final class MachineCpu {

    private static final Path STATISTICS = Path.of("/proc/stat");
    private static final int IDLE = 3;
    private static final int WAITING_FOR_DISKS = 4;
    /** What guests take is contained in what users take. */
    private static final int FIRST_OF_GUESTS = 8;

    /**
     * One reading, in ticks of the kernel's clock.
     *
     * @param idle ticks in which a core had nothing to do
     * @param all ticks of all cores
     */
    public record Reading(long idle, long all) {

        /** Returns the share of its time for which the machine was busy since an earlier reading, 0 to 1. */
        public double busySince(Reading earlier) {
            long passed = all - earlier.all;
            return passed == 0 ? 0 : 1 - (double) (idle - earlier.idle) / passed;
        }
    }

    private MachineCpu() {}

    /**
     * Reads it now.
     *
     * @throws IOException if the system does not tell, as only Linux does
     */
    public static Reading read() throws IOException {
        try (var lines = Files.lines(STATISTICS)) {
            return parse(lines.findFirst().orElse(""));
        }
    }

    /** Reads the line {@code cpu  user nice system idle iowait irq softirq steal guest guest_nice}. */
    static Reading parse(String line) {
        long[] ticks = Arrays.stream(line.trim().split("\\s+"))
                .skip(1)
                .limit(FIRST_OF_GUESTS)
                .mapToLong(Long::parseLong)
                .toArray();
        return new Reading(
                ticks[IDLE] + ticks[WAITING_FOR_DISKS], Arrays.stream(ticks).sum());
    }
}
