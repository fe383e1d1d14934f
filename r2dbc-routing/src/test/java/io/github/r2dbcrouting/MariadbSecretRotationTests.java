package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

class MariadbSecretRotationTests extends SecretRotationContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(1));

    @BeforeAll
    static void createUserAndTable() {
        CLUSTER.cluster()
                .execute("CREATE USER rotator@'%'; GRANT ALL ON app.* TO rotator@'%'; CREATE TABLE item (id int)");
    }

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "mariadb";
    }

    @Override
    void changePassword(String changed) {
        cluster().execute("ALTER USER rotator@'%' IDENTIFIED BY '" + changed + "'");
    }

    @Override
    Set<String> sessions(ClusterNode node) {
        return node.query("SELECT id FROM information_schema.processlist WHERE user = 'rotator'").stream()
                .map(row -> String.valueOf(row.get(0)))
                .collect(Collectors.toSet());
    }
}
