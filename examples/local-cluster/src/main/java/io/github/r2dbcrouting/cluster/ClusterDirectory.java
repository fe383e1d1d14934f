package io.github.r2dbcrouting.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The directory that holds everything of one cluster, and the guard process that ends the cluster's processes and removes
 * the directory when this JVM closes it or is gone.
 */
final class ClusterDirectory implements AutoCloseable {

    static final String LAUNCH_SCRIPT = script("launch.sh");
    private static final String GUARD_SCRIPT = script("guard.sh");

    /** In its own session, the guard survives what is done to the JVM's whole process group, such as Ctrl-C. */
    private static final String IN_OWN_SESSION =
            "if command -v setsid > /dev/null; then exec setsid sh -c \"$@\"; else exec sh -c \"$@\"; fi";

    private static final Duration CLEANING_TIME = Duration.ofSeconds(30);

    private final Path root;
    private final Process guard;
    private final AtomicInteger starts = new AtomicInteger();

    private ClusterDirectory(Path root, Process guard) {
        this.root = root;
        this.guard = guard;
    }

    /** Starts the guard, which makes the directory: from its first moment there is somebody who will remove it. */
    static ClusterDirectory create() {
        Path parent = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
        Path root = parent.resolve("r2dbc-routing-cluster-" + UUID.randomUUID());
        try {
            Process guard = startGuard(root, "create");
            @SuppressWarnings("resource") // belongs to the guard, which keeps it open
            BufferedReader reader = guard.inputReader(StandardCharsets.UTF_8);
            if (reader.readLine() == null) {
                throw new LocalClusterException("Cannot create a directory below " + parent
                        + ": make it writable or choose another by -Djava.io.tmpdir.");
            }
            return new ClusterDirectory(root, guard);
        } catch (IOException e) {
            throw new LocalClusterException("Cannot start 'sh', which guards the local cluster: " + e.getMessage(), e);
        }
    }

    Path root() {
        return root;
    }

    /** Where the process id of a server that is about to start is recorded for the guard; never the same file twice. */
    Path newPidFile(String name) {
        return root.resolve("pids").resolve(name + "." + starts.incrementAndGet());
    }

    /** Ends every process of the cluster and removes the directory; when this returns, both are gone. */
    @Override
    public void close() {
        try {
            guard.getOutputStream().close();
            if (!guard.waitFor(CLEANING_TIME.toSeconds(), TimeUnit.SECONDS) || Files.exists(root)) {
                // Somebody ended or stopped the guard before its work was done.
                guard.destroyForcibly();
                startGuard(root, "clean").waitFor(CLEANING_TIME.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            throw new LocalClusterException("Cannot clean up " + root, e);
        } catch (InterruptedException e) {
            // The guard goes on by itself.
            Thread.currentThread().interrupt();
        }
    }

    private static Process startGuard(Path root, String mode) throws IOException {
        return new ProcessBuilder("sh", "-c", IN_OWN_SESSION, "sh", GUARD_SCRIPT, "guard", root.toString(), mode)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String script(String name) {
        try (InputStream in = ClusterDirectory.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("Missing resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("Unreadable resource " + name, e);
        }
    }
}
