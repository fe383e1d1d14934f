package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Makes the nodes of one cluster, turns them into replicas, and takes them apart. Not safe for use by several threads. */
final class NodeWorkshop {

    private static final Duration CATCH_UP_TIME = Duration.ofSeconds(5);

    private final DatabaseServer server;
    private final ClusterDirectory directory;
    private final Account account;
    private final FreePorts ports;
    private int lastNumber;

    NodeWorkshop(DatabaseServer server, ClusterDirectory directory, Account account, FreePorts ports) {
        this.server = server;
        this.directory = directory;
        this.account = account;
        this.ports = ports;
    }

    /** Makes a node that has a name, a port and an empty directory. */
    ClusterNode create() throws IOException {
        ClusterNode node = new ClusterNode(++lastNumber, ports, directory, server);
        Files.createDirectory(
                node.directory(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        account.give(node.directory());
        return node;
    }

    /** Starts a node without data as a copy of a running primary. */
    void startCopy(ClusterNode node, ClusterNode primary) throws IOException, SQLException {
        server.createReplica(node, primary);
        node.start();
        server.attach(node, primary);
    }

    /** Restarts a node as a replica of a running primary; as a new copy if it holds what the primary does not. */
    void rejoin(ClusterNode node, ClusterNode primary) throws IOException, SQLException {
        node.stop();
        if (!server.rejoin(node, primary)) {
            discardData(node);
            startCopy(node, primary);
        }
    }

    /** Lets a running node follow a newly promoted primary; as a new copy if it had received more than that one. */
    void follow(ClusterNode node, ClusterNode primary) throws IOException, SQLException {
        server.follow(node, primary);
        if (server.hasParted(node, primary)) {
            node.stop();
            discardData(node);
            startCopy(node, primary);
        }
    }

    /** Lets a running node follow a primary; tells whether it soon has all that the primary has. */
    boolean catchesUp(ClusterNode replica, ClusterNode primary) {
        try {
            server.follow(replica, primary);
            server.resumeReplay(replica);
            server.awaitReplay(primary, List.of(replica), CATCH_UP_TIME);
            return true;
        } catch (SQLException | LocalClusterException e) {
            // It has gone another way, or is too broken to be asked.
            return false;
        }
    }

    /** Ends a node and removes all that it has. */
    void discard(ClusterNode node) throws IOException {
        node.disconnect();
        discardData(node);
        DataDirectory.remove(node.directory());
    }

    private void discardData(ClusterNode node) throws IOException {
        node.kill();
        server.release(node.data());
        DataDirectory.remove(node.data());
    }
}
