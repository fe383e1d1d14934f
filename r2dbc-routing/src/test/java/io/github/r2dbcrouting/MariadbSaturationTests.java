package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class MariadbSaturationTests extends SaturationContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = LocalClusterExtension.of(
            LocalCluster.mariadb().replicas(2).setting("max-connections", Integer.toString(SERVER_LIMIT)));

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "mariadb";
    }

    /** With a lower limit: in a race for the last place of a full server the monitor may win. */
    @Override
    void shutOut(ClusterNode node) {
        // At once: nobody else gets in after the first of them.
        node.execute("SET GLOBAL max_connections = " + SERVER_LIMIT / 2 + "; KILL USER monitor");
    }

    @Override
    void letIn(ClusterNode node) {
        node.execute("SET GLOBAL max_connections = " + SERVER_LIMIT);
    }
}
