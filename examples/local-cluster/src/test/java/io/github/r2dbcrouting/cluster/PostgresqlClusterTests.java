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

class PostgresqlClusterTests extends ClusterContract {

    @RegisterExtension
    static final LocalClusterExtension EXTENSION = LocalClusterExtension.of(LocalCluster.postgresql()
            .replicas(2)
            .setting("synchronous_commit", "remote_apply")
            .setting("application_name", "it's quoted"));

    PostgresqlClusterTests(LocalCluster cluster) {
        super(cluster);
    }

    @Override
    String url(int port, Properties properties, Duration timeout) {
        properties.setProperty("socketTimeout", Long.toString(timeout.toSeconds()));
        properties.setProperty("connectTimeout", Long.toString(timeout.toSeconds()));
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + cluster().database();
    }

    @Override
    String promotion() {
        return "SELECT pg_promote()";
    }

    @Override
    boolean hasReceivedEverything(ClusterNode replica) {
        String flushed = cluster()
                .primary()
                .query("SELECT pg_current_wal_flush_lsn()")
                .get(0)
                .get(0);
        return replica.query("SELECT pg_last_wal_receive_lsn() >= '" + flushed + "'")
                .equals(List.of(List.of("t")));
    }

    @Test
    void shouldRunWithTheUsersSettingsOnEveryNode() {
        assertThat(cluster().nodes()).allSatisfy(node -> {
            assertThat(node.query("SHOW synchronous_commit")).containsExactly(List.of("remote_apply"));
            assertThat(node.query("SELECT reset_val FROM pg_settings WHERE name = 'max_connections'"))
                    .containsExactly(List.of("200"));
        });
    }

    @Test
    void shouldWaitForTheNamedStandbysAtEachCommit() {
        String names = "ANY 2 (" + cluster().replicas().get(0).name() + ", "
                + cluster().replicas().get(1).name() + ")";
        cluster().synchronousStandbys(names);
        try {
            for (int id = 1; id <= 50; id++) {
                insert(cluster().primary(), id);
                assertThat(replica().query("SELECT max(id) FROM item")).containsExactly(List.of(Integer.toString(id)));
            }
        } finally {
            cluster().synchronousStandbys("");
        }
    }

    @Test
    void shouldNotCommitWhileASynchronousStandbyIsMissing() throws SQLException {
        cluster().synchronousStandbys("2 (*)");
        replica().kill();
        try (Connection connection = connect(cluster().primary().port(), Duration.ofSeconds(1))) {
            assertThatThrownBy(() -> run(connection, "INSERT INTO item VALUES (1)"))
                    .isInstanceOf(SQLException.class);
        } finally {
            cluster().synchronousStandbys("");
        }
    }

    @Test
    void shouldRefuseStandbyNamesThatTheServerDoesNotTake() {
        assertThatThrownBy(() -> cluster().synchronousStandbys("ANY (")).isInstanceOf(LocalClusterException.class);
    }

    @Test
    void shouldShowTheReplicationToTheMonitorAndNotToTheApplication() throws SQLException {
        int port = cluster().primary().port();
        String query =
                "SELECT string_agg(application_name || ' ' || state, ', ' ORDER BY application_name) FROM pg_stat_replication";
        try (Connection asMonitor = connectAsMonitor(port);
                Connection asApp = connect(port, Duration.ofSeconds(20))) {
            assertThat(Sql.value(asMonitor, query))
                    .isEqualTo(cluster().replicas().get(0).name() + " streaming, "
                            + cluster().replicas().get(1).name() + " streaming");
            assertThat(Sql.query(asApp, query).get(0).get(0)).isNull();
        }
    }

    @Test
    void shouldBeAnotherSystemInEachCluster() {
        String query = "SELECT system_identifier FROM pg_control_system()";
        try (LocalCluster other = LocalCluster.postgresql().replicas(0).start()) {
            assertThat(other.primary().query(query))
                    .isNotEqualTo(cluster().primary().query(query));
            assertThat(other.replicas()).isEmpty();
        }
    }
}
