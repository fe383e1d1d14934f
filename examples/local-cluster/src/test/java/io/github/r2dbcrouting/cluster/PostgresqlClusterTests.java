package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LocalClusterExtension.class)
class PostgresqlClusterTests {

    @Test
    void shouldReplicateWhatIsWritten(LocalCluster cluster) {
        cluster.execute("CREATE TABLE written (id int); INSERT INTO written VALUES (42)");
        cluster.awaitReplication();
        for (ClusterNode replica : cluster.replicas()) {
            assertThat(replica.query("SELECT id FROM written")).containsExactly(java.util.List.of("42"));
        }
    }
}
