package io.github.r2dbcrouting.benchmarks.load;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.util.List;
import java.util.Objects;

/** Counts what the servers themselves say that they were asked, by application and monitor; nobody can forget to count there. */
public final class StatementCounts {

    private final Database database;
    private final LocalCluster cluster;

    /** Begins to count on a cluster that {@link Database#countingCluster()} has prepared; blocks. */
    public StatementCounts(Database database, LocalCluster cluster) {
        this.database = database;
        this.cluster = cluster;
        database.startOfCounting().forEach(cluster::execute);
        cluster.awaitReplication();
    }

    /** Asks all nodes, over connections of its own; takes some tens of milliseconds. */
    public Reading read() {
        ClusterNode primary = cluster.primary();
        long readAt = System.nanoTime();
        long statements = 0;
        long probesOfReplicas = 0;
        for (ClusterNode node : cluster.nodes()) {
            statements += count(node, cluster.username());
            if (node != primary) {
                probesOfReplicas += count(node, cluster.monitorUsername());
            }
        }
        return new Reading(readAt, statements, count(primary, cluster.monitorUsername()), probesOfReplicas);
    }

    private long count(ClusterNode node, String user) {
        List<List<String>> rows = node.query(database.statementsOf(user)).stream()
                .map(row -> row.stream().map(Objects::requireNonNull).toList())
                .toList();
        return rows.isEmpty() ? 0 : Long.parseLong(rows.get(0).get(0));
    }

    /**
     * What was counted since the start, or between two readings.
     *
     * @param nanos when, or for how long
     * @param statements of the application, on all nodes
     * @param probesOfPrimary statements of all monitors on the primary
     * @param probesOfReplicas the same on all replicas together
     */
    public record Reading(long nanos, long statements, long probesOfPrimary, long probesOfReplicas) {

        public Reading since(Reading earlier) {
            return new Reading(
                    nanos - earlier.nanos,
                    statements - earlier.statements,
                    probesOfPrimary - earlier.probesOfPrimary,
                    probesOfReplicas - earlier.probesOfReplicas);
        }
    }
}
