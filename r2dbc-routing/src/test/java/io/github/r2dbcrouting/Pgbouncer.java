package io.github.r2dbcrouting;

import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/** A pgbouncer before a node. It ends with this JVM, whose end of the pipe it is tied to. */
final class Pgbouncer implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Process process;
    private final Path directory;
    private final int port;

    private Pgbouncer(Process process, Path directory, int port) {
        this.process = process;
        this.directory = directory;
        this.port = port;
    }

    /**
     * Starts one.
     *
     * @param mode {@code session} or {@code transaction}
     */
    static Pgbouncer before(ClusterNode node, LocalCluster cluster, String mode) {
        try {
            Path directory = Files.createTempDirectory("pgbouncer");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            int port = freePort();
            Path users = directory.resolve("users.txt");
            Files.writeString(
                    users,
                    "\"%s\" \"%s\"%n\"%s\" \"%s\"%n"
                            .formatted(
                                    cluster.username(),
                                    cluster.password(),
                                    cluster.monitorUsername(),
                                    cluster.monitorPassword()));
            Path configuration = directory.resolve("pgbouncer.ini");
            Files.writeString(configuration, """
                    [databases]
                    * = host=%s port=%d
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir =
                    auth_type = scram-sha-256
                    auth_file = %s
                    pool_mode = %s
                    ignore_startup_parameters = extra_float_digits
                    """.formatted(node.host(), node.port(), port, users, mode));
            // It refuses to run as root.
            boolean root = System.getProperty("user.name").equals("root");
            Process process = new ProcessBuilder(
                            "sh",
                            "-c",
                            "\"$@\" & served=$!; cat > /dev/null; kill $served; wait",
                            "sh",
                            "pgbouncer",
                            "-q",
                            root ? "-unobody" : "-q",
                            configuration.toString())
                    .redirectOutput(directory.resolve("log").toFile())
                    .redirectErrorStream(true)
                    .start();
            Pgbouncer started = new Pgbouncer(process, directory, port);
            await().atMost(LIMIT).until(started::listens);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            process.waitFor();
            for (String file : List.of("users.txt", "pgbouncer.ini", "log")) {
                Files.deleteIfExists(directory.resolve(file));
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
