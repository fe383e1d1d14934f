package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterBuilder;

/** The databases on which faults are tried, and how some things are said to them. */
enum DatabaseKind {
    POSTGRESQL("postgresql", "$1") {
        @Override
        LocalClusterBuilder cluster() {
            return LocalCluster.postgresql();
        }

        @Override
        String sleepOn(ClusterNode node, double seconds) {
            return "SELECT 1 FROM pg_sleep(CASE current_setting('cluster_name') WHEN '" + node.name() + "' THEN "
                    + seconds + " ELSE 0 END)";
        }
    },
    MARIADB("mariadb", "?") {
        @Override
        LocalClusterBuilder cluster() {
            return LocalCluster.mariadb();
        }

        @Override
        String sleepOn(ClusterNode node, double seconds) {
            return "SELECT SLEEP(IF(@@server_id = " + node.name().substring("node".length()) + ", " + seconds + ", 0))";
        }
    };

    final String driver;
    final String marker;

    DatabaseKind(String driver, String marker) {
        this.driver = driver;
        this.marker = marker;
    }

    abstract LocalClusterBuilder cluster();

    /** Returns a query of one number that takes its time on one node alone. */
    abstract String sleepOn(ClusterNode node, double seconds);
}
