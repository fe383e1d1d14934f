package io.github.r2dbcrouting.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Chooses ports that nobody listens on.
 *
 * <p>They lie below the range from which the system takes the local ports of outgoing connections. Inside that range a
 * stopped server's port can be taken before it restarts, and a client that keeps trying a closed port can connect to
 * itself.
 */
final class FreePorts {

    private static final int LOWEST = 15_000;
    private static final int ATTEMPTS = 500;

    private final RandomGenerator random;
    private final int bound;
    private final Set<Integer> taken = new HashSet<>();

    FreePorts(RandomGenerator random) {
        this.random = random;
        this.bound = firstEphemeralPort();
    }

    synchronized int next() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = random.nextInt(LOWEST, bound);
            if (canBind(port) && taken.add(port)) {
                return port;
            }
        }
        throw new LocalClusterException("No free port found between " + LOWEST + " and " + bound + " in " + ATTEMPTS
                + " attempts; stop some servers.");
    }

    private static boolean canBind(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("127.0.0.1", port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int firstEphemeralPort() {
        // Such a file gives all at the first read or truncates: Files.readString gets one digit.
        try (BufferedReader reader = Files.newBufferedReader(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))) {
            int first = Integer.parseInt(reader.readLine().trim().split("\\s+")[0]);
            return first >= LOWEST + ATTEMPTS ? first : 49_152;
        } catch (IOException e) {
            // Not Linux: the range that IANA reserves for outgoing connections starts here.
            return 49_152;
        }
    }
}
