package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MariadbClusterTests extends ClusterContract {

    @RegisterExtension
    static final LocalClusterExtension EXTENSION =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(2).setting("lock_wait_timeout", "77"));

    MariadbClusterTests(LocalCluster cluster) {
        super(cluster);
    }

    @Override
    String url(int port, Properties properties, Duration timeout) {
        properties.setProperty("socketTimeout", Long.toString(timeout.toMillis()));
        properties.setProperty("connectTimeout", Long.toString(timeout.toMillis()));
        return "jdbc:mariadb://127.0.0.1:" + port + "/" + cluster().database();
    }

    @Override
    String promotion() {
        return "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0";
    }

    @Override
    boolean hasReceivedEverything(ClusterNode replica) {
        List<String> written =
                cluster().primary().query("SELECT @@gtid_binlog_pos").get(0);
        return replica.query("SHOW SLAVE STATUS").get(0).containsAll(written);
    }

    @Test
    void shouldRunWithTheUsersSettingsOnEveryNode() {
        assertThat(cluster().nodes())
                .allSatisfy(node -> assertThat(node.query("SELECT @@global.lock_wait_timeout"))
                        .containsExactly(List.of("77")));
    }

    @Test
    void shouldShowTheReplicationToTheMonitorAndNotToTheApplication() throws SQLException {
        try (Connection asMonitor = connectAsMonitor(replica().port());
                Connection asApp = connect(replica().port(), Duration.ofSeconds(20))) {
            assertThat(Sql.row(asMonitor, "SHOW SLAVE STATUS"))
                    .containsEntry("Slave_IO_Running", "Yes")
                    .containsEntry("Slave_SQL_Running", "Yes");
            assertThatThrownBy(() -> Sql.row(asApp, "SHOW SLAVE STATUS")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void shouldSayThatStandbysCannotBeNamed() {
        assertThatThrownBy(() -> cluster().synchronousStandbys("ANY 1 (*)"))
                .isInstanceOf(LocalClusterException.class)
                .hasMessageContaining("rpl_semi_sync_master_enabled");
    }
}
