package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** What differs between PostgreSQL and MariaDB. Every method blocks until it is done. */
interface DatabaseServer {

    ClusterUsers users();

    /** The signal for an orderly end that waits for no client. */
    String stopSignal();

    /** The signal for the fastest end that leaves nothing in the kernel. */
    String quitSignal();

    /** The command line of a node, as it starts now. */
    List<String> command(ClusterNode node);

    /** Whether a node that was started accepts connections. */
    boolean isReady(ClusterNode node);

    /** Connects as the superuser, to the application's database. */
    Connection connect(ClusterNode node, Duration timeout) throws SQLException;

    /** Makes the data directory of the first node of a cluster. */
    void createPrimary(ClusterNode node) throws IOException;

    /** Makes the data directory of a replica. The primary runs and is written to, or has never been started. */
    void createReplica(ClusterNode node, ClusterNode primary) throws IOException, SQLException;

    /** Ends what is left to do once a node that {@link #createReplica} made has been started. */
    void attach(ClusterNode node, ClusterNode primary) throws SQLException;

    /** Makes a running replica follow a primary, whomever it followed before. */
    void follow(ClusterNode node, ClusterNode primary) throws SQLException;

    /**
     * Returns whether a running replica turns out to have more than the primary that it was just told to follow, so that it
     * never will. It may, where the old primary went on while another node was promoted.
     */
    default boolean hasParted(ClusterNode node, ClusterNode primary) throws SQLException {
        return false;
    }

    /**
     * Starts a stopped node, which may have been a primary, as a replica.
     *
     * @return whether it follows the primary; {@code false} if it has gone another way and cannot
     */
    boolean rejoin(ClusterNode node, ClusterNode primary) throws IOException, SQLException;

    /** Whether a node takes writes, as it says itself. */
    boolean isPrimary(ClusterNode node, Duration timeout) throws SQLException;

    /** Makes a replica a primary; returns when it takes writes. */
    void promote(ClusterNode node) throws SQLException;

    /** Takes notice of a node that somebody else has made a primary, so that it starts as one from now on. */
    void noticePrimary(ClusterNode node);

    void pauseReplay(ClusterNode node) throws SQLException;

    void resumeReplay(ClusterNode node) throws SQLException;

    /** Sets which replicas a node, be it running, frozen or stopped, waits for as a primary. */
    void synchronousStandbys(ClusterNode node, String names) throws IOException, SQLException;

    /** Waits until a replica has replayed all that the primary has committed up to now. */
    void awaitReplay(ClusterNode primary, List<ClusterNode> replicas, Duration limit) throws SQLException;

    /** Frees what a killed node has left in the kernel. */
    void release(Path data);
}
