package io.github.r2dbcrouting;

import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterBuilder;

/** The databases on which faults are tried, and how some things are said to them. */
public enum DatabaseKind {
    POSTGRESQL("postgresql", "$1") {
        @Override
        public LocalClusterBuilder cluster() {
            return LocalCluster.postgresql();
        }

        @Override
        public String sleepOn(ClusterNode node, double seconds) {
            return "SELECT 1 FROM pg_sleep(CASE current_setting('cluster_name') WHEN '" + node.name() + "' THEN "
                    + seconds + " ELSE 0 END)";
        }

        @Override
        public String sleepOnReplicas(double seconds) {
            return "SELECT 1 FROM pg_sleep(CASE WHEN pg_is_in_recovery() THEN " + seconds + " ELSE 0 END)";
        }

        @Override
        public boolean isRunning(ClusterNode node, String sql) {
            return !node.query("SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = $$" + sql + "$$")
                    .isEmpty();
        }

        @Override
        public void endSessionsAtOnce(ClusterNode node, String user) {
            node.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + user + "'");
        }

        @Override
        public void endSessions(ClusterNode node, String user) {
            String sessions = "FROM pg_stat_activity WHERE usename = '" + user + "'";
            endSessionsAtOnce(node, user);
            await().until(() -> node.query("SELECT pid " + sessions).isEmpty());
        }
    },
    MARIADB("mariadb", "?") {
        @Override
        public LocalClusterBuilder cluster() {
            return LocalCluster.mariadb();
        }

        @Override
        public String sleepOn(ClusterNode node, double seconds) {
            return "SELECT SLEEP(IF(@@server_id = " + node.name().substring("node".length()) + ", " + seconds + ", 0))";
        }

        @Override
        public String sleepOnReplicas(double seconds) {
            return "SELECT SLEEP(IF(@@read_only, " + seconds + ", 0))";
        }

        @Override
        public boolean isRunning(ClusterNode node, String sql) {
            return !node.query("SELECT 1 FROM information_schema.processlist WHERE info = '" + sql + "'")
                    .isEmpty();
        }

        @Override
        public void endSessionsAtOnce(ClusterNode node, String user) {
            node.execute("KILL USER " + user);
        }

        @Override
        public void endSessions(ClusterNode node, String user) {
            String sessions = "SELECT id FROM information_schema.processlist WHERE user = '" + user + "'";
            endSessionsAtOnce(node, user);
            await().until(() -> node.query(sessions).isEmpty());
        }
    };

    public final String driver;
    public final String marker;

    DatabaseKind(String driver, String marker) {
        this.driver = driver;
        this.marker = marker;
    }

    public abstract LocalClusterBuilder cluster();

    /** Returns a query of one number that takes its time on one node alone. */
    public abstract String sleepOn(ClusterNode node, double seconds);

    /** Returns a query of one number that takes its time on every replica. */
    public abstract String sleepOnReplicas(double seconds);

    /** Returns whether a node executes a statement at this moment. */
    public abstract boolean isRunning(ClusterNode node, String sql);

    /** Lets a node end the sessions that a user has at this moment, whatever runs on them. */
    public abstract void endSessionsAtOnce(ClusterNode node, String user);

    /** Lets a node end all sessions of a user; returns when they are gone. */
    public abstract void endSessions(ClusterNode node, String user);
}
