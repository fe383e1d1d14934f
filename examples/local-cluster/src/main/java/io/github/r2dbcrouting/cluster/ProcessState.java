package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says about a process, where {@link ProcessHandle} does not tell enough. */
final class ProcessState {

    private static final boolean PROC = Files.isReadable(Path.of("/proc/self/stat"));

    private ProcessState() {}

    /** Tells a running process from one that has ended but was not collected by its parent, which can take seconds. */
    static boolean runs(ProcessHandle process) {
        return process.isAlive() && (!PROC || letter(process.pid()) != 'Z');
    }

    /** Whether a stop signal has taken effect; where the system does not tell, it is assumed to have. */
    static boolean isStopped(long pid) {
        return !PROC || letter(pid) == 'T';
    }

    private static char letter(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return 'Z';
        }
    }
}
