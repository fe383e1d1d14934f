package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresqlSaturationTests extends SaturationContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = LocalClusterExtension.of(
            LocalCluster.postgresql().replicas(2).setting("max_connections", Integer.toString(SERVER_LIMIT)));

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "postgresql";
    }

    /** By the role's own limit: in a race for the last place of a full server the monitor may win. */
    @Override
    void shutOut(ClusterNode node) {
        node.execute("ALTER ROLE monitor CONNECTION LIMIT 0");
        node.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'monitor'");
    }

    @Override
    void letIn(ClusterNode node) {
        node.execute("ALTER ROLE monitor CONNECTION LIMIT -1");
    }
}
