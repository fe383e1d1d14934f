package io.github.r2dbcrouting.benchmarks.load;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingConnectionFactoryBuilder;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A kind of database that the local cluster can run. */
public enum Database {
    POSTGRESQL,
    MARIADB;

    private static final String MANY_CONNECTIONS = "500";

    public static Database named(String name) {
        return Arrays.stream(values())
                .filter(database -> database.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no database is called '" + name + "'; use one of " + Arrays.toString(values())));
    }

    public LocalClusterBuilder cluster() {
        return switch (this) {
            case POSTGRESQL -> LocalCluster.postgresql();
            case MARIADB -> LocalCluster.mariadb();
        };
    }

    /** Prepares a factory over all nodes of a cluster. */
    public RoutingConnectionFactoryBuilder routing(LocalCluster cluster) {
        RoutingConnectionFactoryBuilder builder = routingWithoutNodes(cluster);
        cluster.nodes().forEach(node -> builder.node(node.name(), node.host(), node.port()));
        return builder;
    }

    /** Prepares a factory over all nodes of a cluster that reaches the replicas through their proxies. */
    public RoutingConnectionFactoryBuilder routingOverProxies(LocalCluster cluster) {
        RoutingConnectionFactoryBuilder builder = routingWithoutNodes(cluster);
        ClusterNode primary = cluster.primary();
        builder.node(primary.name(), primary.host(), primary.port());
        cluster.replicas()
                .forEach(node -> builder.node(
                        node.name(), node.proxy().host(), node.proxy().port()));
        return builder;
    }

    /** Prepares a factory over a cluster that knows of no node yet. */
    public RoutingConnectionFactoryBuilder routingWithoutNodes(LocalCluster cluster) {
        return RoutingConnectionFactory.builder()
                .driver(toString())
                .database(cluster.database())
                .credentials(cluster.username(), cluster.password())
                .monitorCredentials(cluster.monitorUsername(), cluster.monitorPassword());
    }

    /** Prepares a cluster on which {@link StatementCounts} can count, with room for the pools of several routers. */
    public LocalClusterBuilder countingCluster() {
        return switch (this) {
            case POSTGRESQL ->
                cluster()
                        .setting("shared_preload_libraries", "pg_stat_statements")
                        .setting("max_connections", MANY_CONNECTIONS);
            case MARIADB -> cluster().setting("userstat", "ON").setting("max-connections", MANY_CONNECTIONS);
        };
    }

    /** Returns what is executed on the primary before the first look at {@link #statementsOf}. */
    List<String> startOfCounting() {
        return switch (this) {
            case POSTGRESQL -> List.of("CREATE EXTENSION pg_stat_statements");
            case MARIADB -> List.of();
        };
    }

    /** Returns a query for how many statements of a user the node has executed; no row or 0 for none. */
    String statementsOf(String user) {
        return switch (this) {
            case POSTGRESQL ->
                "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE userid = '" + user + "'::regrole";
            case MARIADB ->
                "SELECT select_commands + update_commands + other_commands FROM information_schema.user_statistics"
                        + " WHERE user = '" + user + "'";
        };
    }

    /** Returns how a parameter of a statement is written; the first is bound by the index 0. */
    public String placeholder(int index) {
        return switch (this) {
            case POSTGRESQL -> "$" + (index + 1);
            case MARIADB -> "?";
        };
    }

    /** Returns a query for how far the primary has come with what was just written on the same connection. */
    public String position() {
        return switch (this) {
            case POSTGRESQL -> "SELECT pg_current_wal_insert_lsn()::text";
            case MARIADB -> "SELECT @@last_gtid";
        };
    }

    /** Returns a query for whether a replica has come as far as a position, the only parameter: 1 if so. */
    public String hasReached() {
        return switch (this) {
            case POSTGRESQL -> "SELECT CASE WHEN pg_last_wal_replay_lsn() >= $1::text::pg_lsn THEN 1 ELSE 0 END";
            case MARIADB -> "SELECT CASE WHEN MASTER_GTID_WAIT(?, 0) = 0 THEN 1 ELSE 0 END";
        };
    }

    /** Returns a query for the ids of a user's sessions. */
    public String sessionsOf(String user) {
        return switch (this) {
            case POSTGRESQL -> "SELECT pid FROM pg_stat_activity WHERE usename = '" + user + "'";
            case MARIADB -> "SELECT id FROM information_schema.processlist WHERE user = '" + user + "'";
        };
    }

    /** Returns a statement that ends a session. */
    public String killing(String session) {
        return switch (this) {
            case POSTGRESQL -> "SELECT pg_terminate_backend(" + session + ")";
            // One that has ended meanwhile would be an error.
            case MARIADB -> "BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR 1094 BEGIN END; KILL " + session + "; END";
        };
    }

    /** Returns what a statement selects to tell its session's id. */
    public String sessionId() {
        return switch (this) {
            case POSTGRESQL -> "pg_backend_pid()";
            case MARIADB -> "connection_id()";
        };
    }

    /** Returns the name, which is that of the driver too. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
