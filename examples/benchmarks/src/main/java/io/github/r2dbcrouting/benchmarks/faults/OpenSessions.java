package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.util.List;

/** Counts the sessions of the application and of the monitor at servers; they tell it themselves. */
final class OpenSessions {

    private OpenSessions() {}

    static int count(LocalCluster cluster, List<ClusterNode> nodes, Database database) {
        return nodes.stream()
                .mapToInt(node ->
                        count(node, cluster.username(), database) + count(node, cluster.monitorUsername(), database))
                .sum();
    }

    private static int count(ClusterNode node, String user, Database database) {
        return node.query(database.sessionsOf(user)).size();
    }
}
