package io.github.r2dbcrouting.cluster;

import java.security.SecureRandom;

/**
 * The users of one cluster, and its database.
 *
 * @param database the application's database
 * @param superuser runs the cluster's own administrative statements
 * @param app owns the database and may do nothing else
 * @param monitor sees the state of the replication
 * @param replicator is what replicas log in as
 */
record ClusterUsers(
        String database, Credentials superuser, Credentials app, Credentials monitor, Credentials replicator) {

    static ClusterUsers generate(String superuser) {
        SecureRandom random = new SecureRandom();
        return new ClusterUsers(
                "app",
                Credentials.generate(superuser, random),
                Credentials.generate("app", random),
                Credentials.generate("monitor", random),
                Credentials.generate("replicator", random));
    }
}
