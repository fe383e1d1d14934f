package io.github.r2dbcrouting.cluster.oracle;

import io.github.r2dbcrouting.cluster.LocalCluster;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Asks the servers of a cluster whether a text is a read: the primary and a replica each run it in a read-only transaction
 * that is rolled back. Blocks. Not safe for use by several threads.
 */
public final class ReadOnlyOracle implements AutoCloseable {

    private final List<ReadOnlySession> sessions;

    private ReadOnlyOracle(ReadOnlySession.Kind kind, LocalCluster cluster) {
        sessions = Stream.of(cluster.primary(), cluster.replicas().get(0))
                .map(node -> new ReadOnlySession(kind, node, cluster))
                .toList();
    }

    /** Creates an oracle over a cluster of PostgreSQL with at least one replica. */
    public static ReadOnlyOracle postgresql(LocalCluster cluster) {
        return new ReadOnlyOracle(ReadOnlySession.Kind.POSTGRESQL, cluster);
    }

    /** Creates an oracle over a cluster of MariaDB with at least one replica. */
    public static ReadOnlyOracle mariadb(LocalCluster cluster) {
        return new ReadOnlyOracle(ReadOnlySession.Kind.MARIADB, cluster);
    }

    /** Returns what the server says that speaks most against a read. */
    public Ruling rule(String sql) {
        Ruling worst = Ruling.RUNS;
        for (ReadOnlySession session : sessions) {
            worst = worst.orWorse(session.run(sql));
        }
        return worst;
    }

    @Override
    public void close() throws SQLException {
        for (ReadOnlySession session : sessions) {
            session.close();
        }
    }
}
