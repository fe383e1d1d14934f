package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresqlSecretRotationTests extends SecretRotationContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    @BeforeAll
    static void createUserAndTable() {
        CLUSTER.cluster()
                .execute("CREATE ROLE rotator LOGIN; CREATE TABLE item (id int); GRANT ALL ON item TO rotator");
    }

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "postgresql";
    }

    @Override
    void changePassword(String changed) {
        cluster().execute("ALTER ROLE rotator PASSWORD '" + changed + "'");
    }

    @Override
    Set<String> sessions(ClusterNode node) {
        return node.query("SELECT pid FROM pg_stat_activity WHERE usename = 'rotator'").stream()
                .map(row -> String.valueOf(row.get(0)))
                .collect(Collectors.toSet());
    }
}
