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

    @Override
    void endMonitor(ClusterNode node) {
        node.execute("KILL USER monitor");
    }
}
