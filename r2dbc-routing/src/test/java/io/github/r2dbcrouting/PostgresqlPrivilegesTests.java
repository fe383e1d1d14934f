package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.r2dbc.spi.Connection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;

class PostgresqlPrivilegesTests extends PrivilegesContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final String SESSION =
            "SELECT current_setting('work_mem') || ' ' || coalesce(to_regclass('scratch')::text, 'none') || ' '"
                    + " || (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())";

    @BeforeAll
    static void createTableAndUsers() {
        CLUSTER.cluster().execute("CREATE TABLE item (id int); INSERT INTO item VALUES (0)");
        runScripts(CLUSTER.cluster(), "postgresql");
    }

    /** One test takes it from everybody, and gives it back to the control user only. */
    @AfterEach
    void grantToEverybody() {
        cluster().execute("GRANT EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) TO PUBLIC");
    }

    static Stream<Grant> grants() {
        return Stream.of(
                new Grant(
                        "EXECUTE ON FUNCTION pg_promote",
                        "REVOKE EXECUTE ON FUNCTION pg_promote(boolean, integer) FROM routing_control",
                        "promoting a replica",
                        "GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer) TO routing_control",
                        "SELECT pg_promote()"),
                new Grant(
                        "ALTER SYSTEM ON PARAMETER primary_conninfo",
                        "REVOKE ALTER SYSTEM ON PARAMETER primary_conninfo FROM routing_control",
                        "letting a replica follow another node",
                        "GRANT ALTER SYSTEM ON PARAMETER primary_conninfo TO routing_control",
                        "ALTER SYSTEM SET primary_conninfo = ''"),
                new Grant(
                        "EXECUTE ON FUNCTION pg_reload_conf",
                        "REVOKE EXECUTE ON FUNCTION pg_reload_conf() FROM routing_control",
                        "letting a replica follow another node",
                        "GRANT EXECUTE ON FUNCTION pg_reload_conf() TO routing_control",
                        "SELECT pg_reload_conf()"),
                new Grant(
                        "pg_signal_backend",
                        "REVOKE pg_signal_backend FROM routing_control",
                        "ending the sessions of other users",
                        "GRANT pg_signal_backend TO routing_control",
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'routing_monitor'"),
                new Grant(
                        "EXECUTE ON FUNCTION pg_try_advisory_lock",
                        "REVOKE EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) FROM PUBLIC",
                        "keeping two promotions apart by a lock",
                        "GRANT EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) TO routing_control",
                        "SELECT pg_try_advisory_lock(1)"));
    }

    @Test
    void shouldLetTheControlUserCommandANode() {
        ClusterNode primary = cluster().primary();
        ClusterNode replica = cluster().replicas().get(0);
        Connection other = open(primary, "routing_app");
        Object pid = rows(other, "SELECT pg_backend_pid()").blockLast(LIMIT);
        assertThat(command(primary, "SELECT pg_terminate_backend(" + pid + ")")).containsExactly(true);
        assertThat(command(replica, "SELECT pg_try_advisory_lock(7)", "SELECT pg_advisory_unlock(7)"))
                .containsExactly(true, true);
        assertThat(command(
                        primary,
                        "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'",
                        "SELECT pg_reload_conf()",
                        "ALTER SYSTEM RESET primary_conninfo",
                        "SELECT pg_reload_conf()"))
                .containsExactly(true, true);
        try {
            assertThat(command(replica, "SELECT pg_promote()")).containsExactly(true);
            assertThat(replica.isPrimary()).isTrue();
        } finally {
            cluster().rejoin(replica);
        }
    }

    @Override
    void resetsSessions(RoutingConnectionFactory factory) {
        List<Object> sessions = Flux.range(0, 2)
                .concatMap(i -> Flux.usingWhen(
                        factory.create(),
                        connection -> rows(connection, SESSION)
                                .contextWrite(Routing.primary())
                                .concatWith(updates(connection, "SET work_mem = '1MB'")
                                        .cast(Object.class))
                                .concatWith(updates(connection, "CREATE TEMPORARY TABLE scratch (id int)")
                                        .cast(Object.class))
                                .concatWith(rows(connection, "SELECT pg_try_advisory_lock(1)"))
                                .concatWith(rows(connection, SESSION)),
                        Connection::close))
                .collectList()
                .block(LIMIT);
        assertThat(sessions).containsExactly("4MB none 0", true, "1MB scratch 1", "4MB none 0", true, "1MB scratch 1");
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
    String database() {
        return "app";
    }

    @Override
    String slowRead() {
        return "SELECT id, pg_sleep(60) FROM item";
    }

    @Override
    long running(ClusterNode node) {
        return node.query("SELECT pid FROM pg_stat_activity WHERE usename = 'routing_app' AND state = 'active'")
                .size();
    }

    @Override
    String revokeFromMonitor() {
        return "REVOKE pg_read_all_stats FROM routing_monitor";
    }

    @Override
    String missingFromMonitor() {
        return "pg_read_all_stats";
    }
}
