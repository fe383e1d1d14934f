package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One server of a {@link LocalCluster}. Every method blocks until what it does has taken effect, and throws
 * {@link LocalClusterException} if it does not within a bounded time. Safe for use by several threads.
 */
public final class ClusterNode {

    private static final Duration START_TIME = Duration.ofSeconds(60);
    private static final Duration STOP_TIME = Duration.ofSeconds(30);
    private static final Duration STATEMENT_TIME = Duration.ofSeconds(30);
    private static final int LOG_TAIL = 2_000;

    private final String name;
    private final int port;
    private final Path directory;
    private final ClusterDirectory clusterDirectory;
    private final DatabaseServer server;

    private final FreePorts ports;

    private volatile @Nullable ServerProcess process;
    private @Nullable TcpProxy proxy;
    private volatile boolean frozen;
    private volatile long logStart;

    ClusterNode(int number, FreePorts ports, ClusterDirectory clusterDirectory, DatabaseServer server) {
        this.name = "node" + number;
        this.ports = ports;
        this.port = ports.next();
        this.directory = clusterDirectory.root().resolve(name);
        this.clusterDirectory = clusterDirectory;
        this.server = server;
    }

    /** Returns the name, {@code node1} for the first; replicas also log in to their primary under it. */
    public String name() {
        return name;
    }

    /** Returns the address, {@code 127.0.0.1}. */
    public String host() {
        return "127.0.0.1";
    }

    /** Returns the port on which the server itself listens; it stays the same over restarts. */
    public int port() {
        return port;
    }

    /** Returns whether the server's process exists, be it frozen. */
    public boolean isRunning() {
        ServerProcess current = process;
        return current != null && current.isAlive();
    }

    /** Returns whether the node was frozen and not thawed since. */
    public boolean isFrozen() {
        return frozen && isRunning();
    }

    /**
     * Returns the process id of the server's main process, the last one if the node does not run.
     *
     * @throws LocalClusterException if the node was never started
     */
    public long pid() {
        return lastProcess().pid();
    }

    /** Starts the server as what it was when it ended, and waits until it accepts connections; nothing if it runs. */
    public synchronized void start() {
        if (!isRunning()) {
            launch();
            awaitReady();
        }
    }

    /** Shuts the server down in order, without waiting for its clients; nothing if it does not run. */
    public synchronized void stop() {
        ServerProcess current = process;
        if (current == null || !current.isAlive()) {
            return;
        }
        thaw();
        current.signal(server.stopSignal());
        if (!current.awaitExit(STOP_TIME)) {
            throw new LocalClusterException(
                    name + " did not stop within " + STOP_TIME.toSeconds() + " s: " + logTail());
        }
    }

    /** Stops and starts the server. */
    public synchronized void restart() {
        stop();
        start();
    }

    /** Kills the server and all its processes by {@code SIGKILL}, as a crash would; nothing if it does not run. */
    public synchronized void kill() {
        ServerProcess current = process;
        if (current != null && current.isAlive()) {
            current.kill();
        }
        frozen = false;
    }

    /** Freezes all processes of the server: connections stay open, the system still accepts new ones, nobody answers. */
    public synchronized void freeze() {
        if (!isRunning()) {
            throw new LocalClusterException(name + " does not run and so cannot be frozen.");
        }
        lastProcess().freeze();
        frozen = true;
    }

    /** Lets a frozen server go on; nothing if it is not frozen. */
    public synchronized void thaw() {
        if (frozen) {
            frozen = false;
            ServerProcess current = process;
            if (current != null) {
                current.thaw();
            }
        }
    }

    /** Stops the replay on a replica, which still receives what its primary writes. */
    public void pauseReplay() {
        Attempt.to("pause the replay of " + name, () -> server.pauseReplay(this));
    }

    /** Lets the replay on a replica go on. */
    public void resumeReplay() {
        Attempt.to("resume the replay of " + name, () -> server.resumeReplay(this));
    }

    /** Returns whether the node takes writes, by its own account: several do after a split. */
    public boolean isPrimary() {
        return Attempt.toGet("ask " + name, () -> server.isPrimary(this, STATEMENT_TIME));
    }

    /** Runs a statement as the superuser, in the application's database, in a connection of its own. */
    public void execute(String sql) {
        Attempt.to("run a statement on " + name, () -> {
            try (Connection connection = server.connect(this, STATEMENT_TIME)) {
                Sql.execute(connection, sql);
            }
        });
    }

    /** Runs a query as the superuser, in a connection of its own, and returns each row's values as text. */
    public List<List<@Nullable String>> query(String sql) {
        return Attempt.toGet("run a query on " + name, () -> {
            try (Connection connection = server.connect(this, STATEMENT_TIME)) {
                return Sql.query(connection, sql);
            }
        });
    }

    /**
     * Runs a statement as the superuser, in a transaction that stays open and keeps its locks until it is closed. That rolls it back.
     */
    public OpenTransaction begin(String sql) {
        return Attempt.toGet("begin a transaction on " + name, () -> {
            Connection connection = server.connect(this, STATEMENT_TIME);
            connection.setAutoCommit(false);
            Sql.execute(connection, sql);
            return () -> Attempt.to("end a transaction on " + name, connection::close);
        });
    }

    /** A transaction that waits for nothing but to be closed. */
    public interface OpenTransaction extends AutoCloseable {

        @Override
        void close();
    }

    /** Returns the proxy before this node, which is made when it is first asked for and closed with the cluster. */
    public synchronized TcpProxy proxy() {
        TcpProxy current = proxy;
        if (current == null) {
            current = new TcpProxy(host(), ports.next(), port);
            proxy = current;
        }
        return current;
    }

    /** Returns name and address. */
    @Override
    public String toString() {
        return name + "@" + host() + ":" + port;
    }

    Path directory() {
        return directory;
    }

    Path data() {
        return directory.resolve("data");
    }

    /** Returns the file to which the server writes its messages, over all its starts. */
    public Path log() {
        return directory.resolve("server.log");
    }

    /** Lets a running server read its configuration again, a frozen one once it is thawed. */
    synchronized void reload() {
        if (isRunning()) {
            lastProcess().signal("HUP");
        }
    }

    /** Heals the proxy, if there is one. */
    synchronized void reconnect() {
        TcpProxy current = proxy;
        if (current != null) {
            current.heal();
        }
    }

    /** Closes the proxy, if there is one. */
    synchronized void disconnect() {
        TcpProxy current = proxy;
        if (current != null) {
            current.close();
        }
    }

    void launch() {
        try {
            logStart = Files.exists(log()) ? Files.size(log()) : 0;
        } catch (IOException e) {
            throw new LocalClusterException("Cannot read " + log(), e);
        }
        frozen = false;
        process = ServerProcess.start(clusterDirectory, name, server.quitSignal(), server.command(this), data(), log());
    }

    void awaitReady() {
        ServerProcess current = lastProcess();
        boolean ready = Deadline.in(START_TIME).await(() -> !current.isAlive() || server.isReady(this));
        if (!current.isAlive()) {
            if (logSinceStart().contains("Address already in use")) {
                throw new PortTakenException(
                        "Port " + port + " was taken by somebody else before " + name + " could bind it.");
            }
            throw new LocalClusterException(name + " ended while it started: " + logTail());
        }
        if (!ready) {
            throw new LocalClusterException(name + " does not accept connections " + START_TIME.toSeconds()
                    + " s after its start: " + logTail());
        }
    }

    String logSinceStart() {
        return readLog(logStart);
    }

    String logTail() {
        String text = logSinceStart();
        return text.length() <= LOG_TAIL ? text : text.substring(text.length() - LOG_TAIL);
    }

    private String readLog(long from) {
        try (RandomAccessFile file = new RandomAccessFile(log().toFile(), "r")) {
            file.seek(from);
            byte[] bytes = new byte[(int) Math.max(0, file.length() - from)];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    private ServerProcess lastProcess() {
        ServerProcess current = process;
        if (current == null) {
            throw new LocalClusterException(name + " was never started.");
        }
        return current;
    }
}
