package io.github.r2dbcrouting.cluster;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A primary and its replicas as processes on this machine. See the package documentation for what it needs.
 *
 * <p>Every method blocks until what it does has taken effect. Changes of the cluster exclude each other; everything may be
 * called from several threads, {@link #close()} at any time. Failures are {@link LocalClusterException}s that end with
 * what the server's log says.
 */
public final class LocalCluster implements AutoCloseable {

    /** What every password of a cluster begins with, so that one is known wherever it turns up. */
    public static final String PASSWORD_MARK = "neverprint";

    private static final Duration CATCH_UP_TIME = Duration.ofSeconds(30);
    private static final Duration ROLE_TIME = Duration.ofSeconds(5);
    static final int PORT_ATTEMPTS = 3;

    private final DatabaseServer server;
    private final ClusterDirectory directory;
    private final NodeWorkshop workshop;
    private final List<ClusterNode> nodes = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread shutdownHook = new Thread(this::clean, "local-cluster-shutdown");

    private volatile @Nullable ClusterNode primary;

    LocalCluster(DatabaseServer server, ClusterDirectory directory, Account account) {
        this.server = server;
        this.directory = directory;
        this.workshop = new NodeWorkshop(server, directory, account, new FreePorts(new SecureRandom()));
    }

    /** Prepares a PostgreSQL 18 cluster with streaming replication; asynchronous unless set otherwise. */
    public static LocalClusterBuilder postgresql() {
        return new LocalClusterBuilder(LocalClusterBuilder.Kind.POSTGRESQL, Platform.current());
    }

    /** Prepares a MariaDB 11.4 cluster with replication by GTID. */
    public static LocalClusterBuilder mariadb() {
        return new LocalClusterBuilder(LocalClusterBuilder.Kind.MARIADB, Platform.current());
    }

    synchronized void start(int replicas) {
        Runtime.getRuntime().addShutdownHook(shutdownHook);
        Attempt.to("start the cluster", () -> {
            ClusterNode first = workshop.create();
            primary = first;
            server.createPrimary(first);
            List<ClusterNode> others = new ArrayList<>();
            for (int i = 0; i < replicas; i++) {
                ClusterNode replica = workshop.create();
                server.createReplica(replica, first);
                others.add(replica);
            }
            nodes.add(first);
            nodes.addAll(others);
            nodes.forEach(ClusterNode::launch);
            nodes.forEach(ClusterNode::awaitReady);
            for (ClusterNode replica : others) {
                server.attach(replica, first);
            }
            server.awaitReplay(first, others, CATCH_UP_TIME);
        });
    }

    /**
     * Returns the primary: the first node, or the one that was last promoted by {@link #promote} or found by
     * {@link #findPrimary()}. It may not run.
     */
    public ClusterNode primary() {
        ClusterNode current = primary;
        if (current == null) {
            throw new LocalClusterException("The cluster has not been started.");
        }
        return current;
    }

    /**
     * Asks every running node that is not frozen which of them takes writes, so that a promotion by somebody else is noticed.
     *
     * @throws LocalClusterException if it is none of them, or several
     */
    public ClusterNode findPrimary() {
        List<ClusterNode> writable = nodes.stream()
                .filter(node -> node.isRunning() && !node.isFrozen())
                .filter(node -> Attempt.toGet("ask " + node.name(), () -> server.isPrimary(node, ROLE_TIME)))
                .toList();
        if (writable.size() != 1) {
            throw new LocalClusterException(
                    "Expected one node that takes writes, found " + writable + " among " + nodes + ".");
        }
        ClusterNode found = writable.get(0);
        server.noticePrimary(found);
        primary = found;
        return found;
    }

    /** Returns all nodes but the {@linkplain #primary() primary}, in the order in which they were made. */
    public List<ClusterNode> replicas() {
        ClusterNode current = primary();
        return nodes.stream().filter(node -> node != current).toList();
    }

    /** Returns all nodes in the order in which they were made. */
    public List<ClusterNode> nodes() {
        return List.copyOf(nodes);
    }

    /** Returns the node of a name such as {@code node1}. */
    public ClusterNode node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new LocalClusterException("No node is called " + name + "; there are " + nodes + "."));
    }

    /** Adds a replica, copied from the running primary, and waits until it accepts connections. */
    public synchronized ClusterNode addReplica() {
        for (int attempt = 1; ; attempt++) {
            ClusterNode node = Attempt.toGet("add a replica", workshop::create);
            try {
                nodes.add(node);
                Attempt.to("add a replica", () -> workshop.startCopy(node, primary()));
                return node;
            } catch (PortTakenException e) {
                remove(node);
                if (attempt == PORT_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Ends a node and removes its files; it must not be the {@linkplain #primary() primary}. */
    public synchronized void remove(ClusterNode node) {
        if (node == primary()) {
            throw new LocalClusterException(
                    node.name() + " is the primary: promote another node before you remove it.");
        }
        Attempt.to("remove " + node.name(), () -> workshop.discard(node));
        nodes.remove(node);
    }

    /**
     * Makes a replica the primary and lets the other running replicas follow it; returns when it takes writes. The old primary
     * is left alone: if it runs, it takes writes too.
     */
    public synchronized void promote(ClusterNode replica) {
        ClusterNode old = primary();
        Attempt.to("promote " + replica.name(), () -> {
            server.promote(replica);
            primary = replica;
            for (ClusterNode node : nodes) {
                if (node != replica && node != old && node.isRunning() && !node.isFrozen()) {
                    workshop.follow(node, replica);
                }
            }
        });
    }

    /**
     * Brings a node back as a replica of the present primary, be it running or not: it goes on from where it was if it can, and
     * becomes a new copy if it holds what the primary does not.
     */
    public synchronized void rejoin(ClusterNode node) {
        ClusterNode current = primary();
        if (node == current) {
            throw new LocalClusterException(node.name() + " is the primary: promote another node before it rejoins.");
        }
        Attempt.to("rejoin " + node.name(), () -> workshop.rejoin(node, current));
    }

    /**
     * Undoes what was done to the cluster: every node runs, follows the primary and has caught up, every proxy lets everything
     * through. Settings stay.
     */
    public synchronized void heal() {
        nodes.forEach(ClusterNode::thaw);
        nodes.forEach(ClusterNode::reconnect);
        ClusterNode current = primary();
        current.start();
        for (ClusterNode node : replicas()) {
            if (!node.isRunning() || node.isPrimary() || !workshop.catchesUp(node, current)) {
                rejoin(node);
            }
        }
        awaitReplication();
    }

    /**
     * Sets which replicas a commit waits for, on every node, so that it outlives a promotion.
     *
     * @param names the value of PostgreSQL's {@code synchronous_standby_names}, such as {@code ANY 1 (node2, node3)}; empty for
     *     none
     * @throws LocalClusterException if the server refuses the names, or is a MariaDB, which has no such setting
     */
    public synchronized void synchronousStandbys(String names) {
        for (ClusterNode node : nodes) {
            Attempt.to("configure " + node.name(), () -> server.synchronousStandbys(node, names));
        }
    }

    /**
     * Waits until every running replica that is not frozen has replayed what the primary has committed by now. A node that takes
     * writes itself is no replica. Fails after 30 s.
     */
    public void awaitReplication() {
        awaitReplication(CATCH_UP_TIME);
    }

    /** Waits as {@link #awaitReplication()} does, but fails if a replica takes longer than this. */
    public void awaitReplication(Duration limit) {
        List<ClusterNode> awaited = replicas().stream()
                .filter(node -> node.isRunning() && !node.isFrozen() && !node.isPrimary())
                .toList();
        Attempt.to("wait for the replication", () -> server.awaitReplay(primary(), awaited, limit));
    }

    /** Runs a statement on the {@linkplain #primary() primary} as the superuser; the application may use what it creates. */
    public void execute(String sql) {
        primary().execute(sql);
    }

    /** Returns {@code host:port} of every node, separated by commas. */
    public String hostList() {
        return nodes.stream().map(node -> node.host() + ":" + node.port()).collect(Collectors.joining(","));
    }

    /** Returns the name of the application's database, {@code app}. */
    public String database() {
        return server.users().database();
    }

    /** Returns the application's user, who owns the database and sees nothing of the replication. */
    public String username() {
        return server.users().app().username();
    }

    /** Returns the password of {@link #username()}. */
    public String password() {
        return server.users().app().password();
    }

    /** Returns the user who may see the state of the replication. */
    public String monitorUsername() {
        return server.users().monitor().username();
    }

    /** Returns the password of {@link #monitorUsername()}. */
    public String monitorPassword() {
        return server.users().monitor().password();
    }

    /** Returns the user who may do everything. */
    public String superuserUsername() {
        return server.users().superuser().username();
    }

    /** Returns the password of {@link #superuserUsername()}. */
    public String superuserPassword() {
        return server.users().superuser().password();
    }

    /** Returns the directory that holds all files of this cluster and is removed with it. */
    public Path directory() {
        return directory.root();
    }

    /** Ends all processes and removes all files; returns when they are gone. Does nothing the second time. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down, and the hook comes to the same end.
        }
        clean();
    }

    private void clean() {
        if (closed.compareAndSet(false, true)) {
            directory.close();
            nodes.forEach(ClusterNode::disconnect);
        }
    }
}
