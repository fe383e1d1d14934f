package io.github.r2dbcrouting.benchmarks;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingConnectionFactoryBuilder;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterBuilder;
import java.util.Arrays;
import java.util.Locale;

/** A kind of database that the local cluster can run. */
enum Database {
    POSTGRESQL("$1"),
    MARIADB("?");

    private final String firstPlaceholder;

    Database(String firstPlaceholder) {
        this.firstPlaceholder = firstPlaceholder;
    }

    static Database named(String name) {
        return Arrays.stream(values())
                .filter(database -> database.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no database is called '" + name + "'; use one of " + Arrays.toString(values())));
    }

    LocalClusterBuilder cluster() {
        return switch (this) {
            case POSTGRESQL -> LocalCluster.postgresql();
            case MARIADB -> LocalCluster.mariadb();
        };
    }

    /** Prepares a factory over all nodes of a cluster. */
    RoutingConnectionFactoryBuilder routing(LocalCluster cluster) {
        RoutingConnectionFactoryBuilder builder = RoutingConnectionFactory.builder()
                .driver(toString())
                .database(cluster.database())
                .credentials(cluster.username(), cluster.password())
                .monitorCredentials(cluster.monitorUsername(), cluster.monitorPassword());
        cluster.nodes().forEach(node -> builder.node(node.name(), node.host(), node.port()));
        return builder;
    }

    /** Returns how the first parameter of a statement is written; it is bound by the index 0. */
    String firstPlaceholder() {
        return firstPlaceholder;
    }

    /** Returns a query for the ids of a user's sessions. */
    String sessionsOf(String user) {
        return switch (this) {
            case POSTGRESQL -> "SELECT pid FROM pg_stat_activity WHERE usename = '" + user + "'";
            case MARIADB -> "SELECT id FROM information_schema.processlist WHERE user = '" + user + "'";
        };
    }

    /** Returns a statement that ends a session. */
    String killing(String session) {
        return switch (this) {
            case POSTGRESQL -> "SELECT pg_terminate_backend(" + session + ")";
            // One that has ended meanwhile would be an error.
            case MARIADB -> "BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR 1094 BEGIN END; KILL " + session + "; END";
        };
    }

    /** Returns what a statement selects to tell its session's id. */
    String sessionId() {
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
