package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.error.StartupException;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.Result;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A server that refuses a login is no dead server. */
class RefusedLoginTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String FIRST = LocalCluster.PASSWORD_MARK + "first";

    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createUserAndTable() {
        CLUSTER.cluster()
                .execute("CREATE ROLE watcher LOGIN PASSWORD '" + FIRST + "' IN ROLE pg_monitor;"
                        + " CREATE TABLE item (id int); GRANT ALL ON item TO PUBLIC");
        CLUSTER.cluster().awaitReplication();
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @Test
    void shouldGoOnWithWhatItKnowsWhenTheMonitorsLoginIsRefused() {
        factory = routed.over(CLUSTER.cluster())
                .monitorCredentials("watcher", FIRST)
                .maxLag(LIMIT)
                .build();
        run("SELECT 1").block(LIMIT);
        awaitHealth(NodeHealth.HEALTHY);
        changePassword(LocalCluster.PASSWORD_MARK + "second");
        try {
            awaitHealth(NodeHealth.DEGRADED);
            assertThat(factory.currentTopology().nodes())
                    .extracting(NodeState::role)
                    .containsExactly(NodeRole.PRIMARY, NodeRole.REPLICA);
            assertThat(factory.currentTopology().nodes())
                    .extracting(NodeState::problem)
                    .allSatisfy(problem -> assertThat(problem.toString())
                            .contains("answers, but refuses the monitor")
                            .contains("password authentication failed for user \"watcher\"")
                            .doesNotContain(LocalCluster.PASSWORD_MARK));
            routed.clear();
            run("INSERT INTO item VALUES (1)").block(LIMIT);
            // Nobody can tell whether a replica shows what was written.
            run("/*+ route: consistency=eventual */ SELECT 1").block(LIMIT);
            assertThat(routed.roles()).containsExactly(NodeRole.PRIMARY, NodeRole.REPLICA);
        } finally {
            changePassword(FIRST);
        }
        awaitHealth(NodeHealth.HEALTHY);
    }

    @Test
    void shouldTellWhyAtTheStartWhenTheMonitorsLoginIsRefused() {
        factory = routed.over(CLUSTER.cluster())
                .monitorCredentials("watcher", LocalCluster.PASSWORD_MARK + "wrong")
                .option(RoutingOptions.STARTUP_TIMEOUT, Duration.ofSeconds(2))
                .build();
        assertThatThrownBy(() -> run("SELECT 1").block(LIMIT))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("password authentication failed for user \"watcher\"")
                .hasMessageContaining("check its user and rights");
    }

    @Test
    void shouldBlameNoNodeWhenTheApplicationsLoginIsRefused() {
        factory = routed.over(CLUSTER.cluster())
                .credentials(CLUSTER.cluster().username(), LocalCluster.PASSWORD_MARK + "wrong")
                .build();
        assertThatThrownBy(() -> run("SELECT 1").block(LIMIT)).isInstanceOf(R2dbcPermissionDeniedException.class);
        assertThatThrownBy(() -> run("INSERT INTO item VALUES (1)").block(LIMIT))
                .isInstanceOf(R2dbcPermissionDeniedException.class);
        awaitHealth(NodeHealth.HEALTHY);
        assertThat(factory.currentTopology().nodes())
                .extracting(NodeState::generation)
                .containsOnly(1L);
    }

    private static void changePassword(String password) {
        CLUSTER.cluster().execute("ALTER ROLE watcher PASSWORD '" + password + "'");
        CLUSTER.cluster().awaitReplication();
        CLUSTER.cluster()
                .nodes()
                .forEach(node ->
                        node.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'watcher'"));
    }

    private void awaitHealth(NodeHealth health) {
        await().atMost(LIMIT)
                .until(() -> factory.currentTopology().nodes().stream().allMatch(node -> node.health() == health));
    }

    private Mono<Void> run(String sql) {
        return Mono.usingWhen(
                factory.create(),
                connection -> Flux.from(connection.createStatement(sql).execute())
                        .concatMap(Result::getRowsUpdated)
                        .then(),
                Connection::close);
    }
}
