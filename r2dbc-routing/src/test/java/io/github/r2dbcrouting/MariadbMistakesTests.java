package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.error.LoginRefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MariadbMistakesTests extends MistakesContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(1));

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "mariadb";
    }

    @Override
    char quote() {
        return '\'';
    }

    @Override
    void makeWritable(ClusterNode replica) {
        replica.execute("STOP SLAVE");
        replica.execute("SET GLOBAL read_only = 0");
    }

    @Test
    void shouldSayThatTheDatabaseIsNotKnown() {
        factory = over(cluster().nodes()).database("nowhere").build();
        assertExplained(
                failure(LoginRefusedException.class, "SELECT 1"),
                "node node2",
                "lets user 'app', database 'nowhere', not in: ",
                "credentials and a database that it knows",
                "check the user, its password and its rights, and the name of the database");
    }
}
