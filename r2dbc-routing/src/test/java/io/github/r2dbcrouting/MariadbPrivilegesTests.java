package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;

class MariadbPrivilegesTests extends PrivilegesContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(1));

    @BeforeAll
    static void createTableAndUsers() {
        CLUSTER.cluster().execute("CREATE TABLE item (id INT)");
        CLUSTER.cluster().execute("INSERT INTO item VALUES (0)");
        runScripts(CLUSTER.cluster(), "mariadb");
    }

    static Stream<Grant> grants() {
        return Stream.of(
                grant("REPLICATION SLAVE ADMIN", "letting a replica follow another node", "STOP SLAVE"),
                grant("RELOAD", "making a promoted replica forget whom it followed", "RESET SLAVE ALL"),
                grant("READ_ONLY ADMIN", "opening a node for writes and closing it", "SET GLOBAL read_only = 0"),
                grant("CONNECTION ADMIN", "ending the sessions of other users", "KILL 1"),
                grant("PROCESS", "seeing the sessions of other users", "SHOW ENGINE INNODB STATUS"));
    }

    private static Grant grant(String name, String feature, String refused) {
        return new Grant(
                name,
                "REVOKE " + name + " ON *.* FROM routing_control@'%'",
                feature,
                "GRANT " + name + " ON *.* TO 'routing_control'@'%'",
                refused);
    }

    @Test
    void shouldLetTheControlUserCommandANode() {
        ClusterNode primary = cluster().primary();
        ClusterNode replica = cluster().replicas().get(0);
        Connection other = open(primary, "routing_app");
        Object id = rows(other, "SELECT CONNECTION_ID()").blockLast(LIMIT);
        assertThat(command(primary, "SELECT user FROM information_schema.processlist WHERE id = " + id))
                .containsExactly("routing_app");
        command(primary, "KILL " + id);
        assertThat(command(replica, "SELECT GET_LOCK('promotion', 0)", "SELECT RELEASE_LOCK('promotion')"))
                .containsExactly(1, 1);
        try {
            command(replica, "STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = 0");
            assertThat(replica.isPrimary()).isTrue();
            command(
                    replica,
                    "SET GLOBAL read_only = 1",
                    "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='x', MASTER_USE_GTID=slave_pos",
                    "START SLAVE",
                    "STOP SLAVE");
            assertThat(replica.isPrimary()).isFalse();
        } finally {
            cluster().rejoin(replica);
        }
    }

    /** Here, since these servers have none. */
    @Test
    void shouldTellThatANodeOffersNoTls() {
        RoutingConnectionFactory factory = RoutingConnectionFactory.builder()
                .driver("mariadb")
                .node("localhost", cluster().primary().port())
                .credentials("routing_app", "change-me")
                .tls(TlsMaterial.ofTheSystem())
                .option(RoutingOptions.STARTUP_TIMEOUT, Duration.ofSeconds(1))
                .build();
        try {
            assertThatThrownBy(() -> factory.create().block(LIMIT))
                    .hasMessageContaining("offers no TLS, needed TLS, as sslMode says; switch it on at the server");
        } finally {
            factory.close().block(LIMIT);
        }
    }

    /** What cannot be reset is not lent again. */
    @Override
    void resetsSessions(RoutingConnectionFactory factory) {
        List<Object> sessions = Flux.range(0, 2)
                .concatMap(i -> Flux.usingWhen(
                        factory.create(),
                        connection -> rows(connection, "SELECT IF(@left_behind IS NULL, 'nothing', 'something')")
                                .contextWrite(Routing.primary())
                                .concatWith(updates(connection, "SET @left_behind = 'something'")
                                        .cast(Object.class))
                                .concatWith(rows(connection, "SELECT @left_behind")),
                        Connection::close))
                .collectList()
                .block(LIMIT);
        assertThat(sessions).containsExactly("nothing", "something", "nothing", "something");
    }

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "mariadb";
    }

    /** The control user may enter none. */
    @Override
    String database() {
        return "";
    }

    @Override
    String slowRead() {
        return "SELECT id FROM item WHERE id < (SELECT COUNT(*) FROM seq_1_to_10000000 a, seq_1_to_10000000 b)";
    }

    @Override
    long running(ClusterNode node) {
        return node.query("SELECT id FROM information_schema.processlist"
                        + " WHERE user = 'routing_app' AND command IN ('Query', 'Execute')")
                .size();
    }

    @Override
    String revokeFromMonitor() {
        return "REVOKE SLAVE MONITOR ON *.* FROM routing_monitor@'%'";
    }

    @Override
    String missingFromMonitor() {
        return "SLAVE MONITOR";
    }
}
