package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.dialect.PrivilegeCheck;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What the users can do that the scripts in {@code docs/privileges} create, and what the check says when they lack something.
 * The subclass runs the scripts; the table {@code item} is there before them.
 */
abstract class PrivilegesContract {

    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final String PASSWORD = "change-me";

    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    /** A privilege of the control user. */
    record Grant(String name, String revoke, String feature, String remedy, String refused) {

        @Override
        public String toString() {
            return name;
        }
    }

    abstract LocalCluster cluster();

    abstract String driver();

    abstract String slowRead();

    /** Returns how many statements of the application's user run on a node. */
    abstract long running(ClusterNode node);

    abstract String revokeFromMonitor();

    abstract String missingFromMonitor();

    static void runScripts(LocalCluster cluster, String database) {
        for (String user : List.of("app", "monitor", "control")) {
            try {
                cluster.execute(Files.readString(Path.of("../docs/privileges/" + database + "-" + user + ".sql")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        cluster.awaitReplication();
    }

    @BeforeEach
    void listen() {
        logged.start();
        log().addAppender(logged);
    }

    @AfterEach
    void close() {
        if (factory != null) {
            factory.close().block(LIMIT);
        }
        log().detachAppender(logged);
    }

    @Test
    void shouldRouteWatchCancelAndResetWithWhatTheScriptsGrant() {
        start(PASSWORD);
        query(connection -> rows(connection, "SELECT id FROM item"));
        query(connection -> updates(connection, "INSERT INTO item VALUES (1)"));
        assertThat(routed.roles()).containsExactly(NodeRole.REPLICA, NodeRole.PRIMARY);
        assertThat(replication().link().state()).isEqualTo(ReplicationLink.State.STREAMING);

        ClusterNode replica = cluster().replicas().get(0);
        Flux<?> slow = Flux.usingWhen(factory.create(), connection -> rows(connection, slowRead()), Connection::close);
        reactor.core.Disposable reading = slow.subscribe();
        await().atMost(LIMIT).until(() -> running(replica) == 1);
        reading.dispose();
        await().atMost(LIMIT).until(() -> running(replica) == 0);

        resetsSessions(factory);
        await().atMost(LIMIT).until(() -> missing().size() == 2);
        assertThat(missing().values()).containsOnly(List.of());
        assertThat(logged.list).isEmpty();
    }

    /** Changes a session and looks at the next one on the same connection. */
    abstract void resetsSessions(RoutingConnectionFactory factory);

    @Test
    void shouldNotKnowWhatAReplicaReceivesWithoutTheMonitorsPrivilege() {
        cluster().execute(revokeFromMonitor());
        cluster().awaitReplication();
        try {
            start(PASSWORD);
            query(connection -> rows(connection, "SELECT id FROM item"));
            await().atMost(LIMIT).until(() -> missing().size() == 2);
            assertThat(missing().values())
                    .allSatisfy(missing -> assertThat(missing)
                            .singleElement()
                            .satisfies(one -> assertThat(one.privilege()).isEqualTo(missingFromMonitor()))
                            .satisfies(
                                    one -> assertThat(one.feature()).contains("whether a replica receives changes")));
            assertThat(replication().link().state()).isEqualTo(ReplicationLink.State.UNKNOWN);
            assertThat(routed.roles()).containsExactly(NodeRole.REPLICA);
            assertThat(logged.list)
                    .hasSize(2)
                    .allSatisfy(event -> assertThat(event.getLevel()).isEqualTo(Level.WARN))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .allSatisfy(message -> assertThat(message)
                            .contains("routing_monitor", "lacks " + missingFromMonitor(), "; GRANT "));
        } finally {
            cluster().execute(missing().values().iterator().next().get(0).remedy());
        }
        assertThat(missingAnew().values()).containsOnly(List.of());
    }

    @ParameterizedTest
    @MethodSource("grants")
    void shouldSayWhatTheControlUserLacksAndHowToGrantIt(Grant grant) {
        cluster().execute(grant.revoke);
        try {
            Map<NodeId, List<MissingPrivilege>> missing = missingAnew();
            assertThat(missing).hasSize(2);
            assertThat(missing.values())
                    .allSatisfy(each -> assertThat(each)
                            .singleElement()
                            .satisfies(one -> assertThat(one.privilege()).isEqualTo(grant.name))
                            .satisfies(one -> assertThat(one.feature()).isEqualTo(grant.feature)));
            assertThatThrownBy(() -> command(cluster().primary(), grant.refused))
                    .isInstanceOf(R2dbcException.class);
            assertThat(missing.values().iterator().next().get(0).remedy()).isEqualTo(grant.remedy);
        } finally {
            cluster().execute(grant.remedy);
        }
        assertThat(missingAnew().values()).containsOnly(List.of());
    }

    @Test
    void shouldSayThatTheControlUserIsNotLetIn() {
        factory = (RoutingConnectionFactory) ConnectionFactories.get("r2dbc:routing:" + driver() + "://routing_app:"
                + PASSWORD + "@" + cluster().hostList() + "/app?monitorUser=routing_monitor&monitorPassword=" + PASSWORD
                + "&controlUser=routing_control&controlPassword=wrong&probeTimeout=PT10S");
        query(connection -> rows(connection, "SELECT id FROM item"));
        await().atMost(LIMIT).until(() -> missing().size() == 2);
        assertThat(missing().values())
                .allSatisfy(missing -> assertThat(missing)
                        .singleElement()
                        .satisfies(one -> assertThat(one.user()).isEqualTo("routing_control"))
                        .satisfies(one -> assertThat(one.remedy()).isEqualTo("check controlUser and controlPassword"))
                        .satisfies(one -> assertThat(one.toString()).doesNotContain("wrong")));
    }

    private void start(String controlPassword) {
        factory = routed.over(cluster(), driver())
                .credentials("routing_app", PASSWORD)
                .monitorCredentials("routing_monitor", PASSWORD)
                .controlCredentials("routing_control", controlPassword)
                .maxSize(1)
                .maxLag(LIMIT)
                .build();
        query(connection -> rows(connection, "SELECT 1"));
        await().atMost(LIMIT).until(() -> replication() != null && replication().lag() != null);
        routed.clear();
    }

    /** Returns what a fresh factory finds missing once it has looked everywhere. */
    private Map<NodeId, List<MissingPrivilege>> missingAnew() {
        cluster().awaitReplication();
        close();
        start(PASSWORD);
        await().atMost(LIMIT).until(() -> missing().size() == 2);
        return missing();
    }

    private Map<NodeId, List<MissingPrivilege>> missing() {
        return factory.missingPrivileges();
    }

    private Replication replication() {
        return factory.currentTopology().nodes().stream()
                .filter(node -> node.role() == NodeRole.REPLICA)
                .map(NodeState::replication)
                .findFirst()
                .orElse(null);
    }

    /** Runs statements as the control user, over the bare driver. */
    final List<Object> command(ClusterNode node, String... sql) {
        Connection connection = open(node, "routing_control");
        try {
            return Flux.fromArray(sql)
                    .concatMap(each -> rows(connection, each))
                    .collectList()
                    .block(LIMIT);
        } finally {
            Mono.from(connection.close()).onErrorComplete().block(LIMIT);
        }
    }

    final Connection open(ClusterNode node, String user) {
        ConnectionFactoryOptions.Builder options = ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, driver())
                .option(ConnectionFactoryOptions.HOST, node.host())
                .option(ConnectionFactoryOptions.PORT, node.port())
                .option(ConnectionFactoryOptions.USER, user)
                .option(ConnectionFactoryOptions.PASSWORD, PASSWORD);
        if (!database().isEmpty()) {
            options.option(ConnectionFactoryOptions.DATABASE, database());
        }
        return Mono.from(ConnectionFactories.get(options.build()).create()).block(LIMIT);
    }

    abstract String database();

    private List<Object> query(Function<RoutingConnection, Publisher<?>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close)
                .cast(Object.class)
                .collectList()
                .block(LIMIT);
    }

    static Flux<Object> rows(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> Objects.requireNonNullElse(row.get(0), "")));
    }

    static Mono<Void> updates(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .then();
    }

    private static Logger log() {
        return (Logger) LoggerFactory.getLogger(PrivilegeCheck.class);
    }
}
