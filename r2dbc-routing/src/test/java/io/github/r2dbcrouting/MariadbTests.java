package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.WriteOnReplicaException;
import io.github.r2dbcrouting.position.MariaDbGtidPosition;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.mariadb.r2dbc.api.MariadbConnection;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The same factory over a MariaDB primary with two replicas. */
class MariadbTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final RoutedStatements ROUTED = new RoutedStatements();
    private static RoutingConnectionFactory factory;

    @BeforeAll
    static void start() {
        LocalCluster cluster = CLUSTER.cluster();
        cluster.execute("CREATE TABLE item (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100))");
        cluster.execute("CREATE FUNCTION note() RETURNS INT DETERMINISTIC MODIFIES SQL DATA"
                + " BEGIN INSERT INTO item (name) VALUES ('noted'); RETURN 1; END");
        cluster.execute("CREATE VIEW peek AS SELECT note() AS n");
        cluster.awaitReplication();
        factory = ROUTED.over(cluster, "mariadb").build();
        query(connection -> rows(connection, "SELECT 1"));
    }

    @AfterAll
    static void close() {
        factory.close().block(LIMIT);
    }

    @BeforeEach
    void forget() {
        ROUTED.clear();
    }

    /** It takes them for plain comments: what it does warn of is counted, they are not. */
    @Test
    void shouldObeyCommentsOfWhichTheServerTakesNoNotice() {
        List<Object> warnings = query(connection -> Mono.from(connection.beginTransaction())
                .thenMany(Flux.concat(
                        rows(connection, "SELECT /*+ route: primary */ 1").then(Mono.empty()),
                        rows(connection, "SELECT @@warning_count"),
                        rows(connection, "SELECT CAST('x' AS SIGNED)").then(Mono.empty()),
                        rows(connection, "SELECT @@warning_count"))));
        assertThat(warnings.stream().map(Object::toString)).containsExactly("0", "1");
        ROUTED.clear();
        query(connection -> Flux.concat(
                rows(connection, "SELECT /*+ route: node=node3 */ @@server_id"),
                rows(connection, "/*+ route: primary */ SELECT 1"),
                rows(connection, "SELECT note_nobody_knows() /*+ route: replica */")
                        .onErrorResume(error -> Flux.empty())));
        assertThat(ROUTED.nodes()).startsWith("node3", "node1");
        assertThat(ROUTED.roles()).endsWith(NodeRole.REPLICA);
    }

    @Test
    void shouldFailWhatAReplicaRefusesThatAHintHasSentThere() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() ->
                            query(connection -> rows(connection, "SELECT n AS m FROM peek /*+ route: node=node2 */")))
                    .isInstanceOf(WriteOnReplicaException.class);
        }
        assertThat(ROUTED.nodes()).containsExactly("node2");
    }

    @Test
    void shouldNameTheDatabaseWithoutAConnectionAndWithOne() {
        assertThat(factory.getMetadata().getName()).isEqualTo("MariaDB");
        assertThat(query(connection -> Mono.fromCallable(connection::getMetadata)
                        .map(metadata -> metadata.getDatabaseProductName() + " " + metadata.getDatabaseVersion())))
                .singleElement()
                .asString()
                .startsWith("MariaDB 11.4");
    }

    @Test
    void shouldSpreadReadsOverTheReplicas() {
        for (int i = 0; i < 4; i++) {
            query(connection -> rows(connection, "SELECT 1"));
        }
        assertThat(ROUTED.roles()).containsOnly(NodeRole.REPLICA);
        assertThat(ROUTED.nodes()).contains("node2", "node3");
    }

    @Test
    void shouldInsertOnThePrimaryAndReturnGeneratedValues() {
        List<Object> seen = query(connection -> Flux.from(connection
                        .createStatement("INSERT INTO item (name) VALUES (?)")
                        .bind(0, "first")
                        .add()
                        .bind(0, "second")
                        .returnGeneratedValues("id")
                        .execute())
                .concatMap(result -> result.map((row, metadata) -> row.get("id", Integer.class)))
                .collectList()
                .flatMapMany(ids -> rows(
                        connection,
                        "SELECT name FROM item WHERE id IN (" + ids.get(0) + ", " + ids.get(1) + ") ORDER BY id")));
        assertThat(seen).containsExactly("first", "second");
        assertThat(ROUTED.roles()).containsExactly(NodeRole.PRIMARY, NodeRole.PRIMARY);
    }

    @Test
    void shouldKeepThePrimaryConnectionOfAPlainWrite() {
        Function<RoutingConnection, Publisher<?>> write =
                connection -> updates(connection, "INSERT INTO item (name) VALUES ('plain')")
                        .thenMany(rows(connection, "SELECT CONNECTION_ID()"));
        assertThat(query(write)).isEqualTo(query(write));
    }

    @Test
    void shouldNotLendAConnectionAgainWhoseSessionWasAltered() {
        query(connection -> updates(connection, "SET @left_behind = 1"));
        assertThat(query(connection ->
                        rows(connection, "SELECT @left_behind IS NULL").contextWrite(Routing.primary())))
                .containsExactly(1);
    }

    @Test
    void shouldRunAReadOnlyTransactionOnOneReplica() {
        List<Object> servers = query(connection -> connection
                .beginTransaction(ReadOnly.TRANSACTION)
                .thenMany(Flux.range(0, 3).concatMap(i -> rows(connection, "SELECT @@server_id")))
                .concatWith(connection.commitTransaction().then(Mono.empty())));
        assertThat(servers.stream().distinct()).hasSize(1);
        assertThat(ROUTED.roles()).containsOnly(NodeRole.REPLICA);
        assertThat(ROUTED.nodes().stream().distinct()).hasSize(1);
    }

    @Test
    void shouldRunAnyOtherTransactionOnThePrimary() {
        List<Object> seen = query(connection -> connection
                .beginTransaction()
                .thenMany(updates(connection, "INSERT INTO item (name) VALUES ('committed')"))
                .concatWith(rows(connection, "SELECT COUNT(*) FROM item WHERE name = 'committed'"))
                .concatWith(connection.commitTransaction().then(Mono.empty())));
        assertThat(seen).endsWith(1L);
        assertThat(ROUTED.roles()).containsOnly(NodeRole.PRIMARY);
        assertThat(CLUSTER.cluster().primary().query("SELECT COUNT(*) FROM item WHERE name = 'committed'"))
                .containsExactly(List.of("1"));
    }

    @Test
    void shouldRollBackATransactionThatWasLeftOpen() {
        query(connection -> connection
                .beginTransaction()
                .thenMany(updates(connection, "INSERT INTO item (name) VALUES ('left open')")));
        assertThat(query(connection -> rows(connection, "SELECT COUNT(*) FROM item WHERE name = 'left open'")
                        .contextWrite(Routing.primary())))
                .containsExactly(0L);
    }

    /** Even where the server is writable: the session is read-only. */
    @Test
    void shouldRefuseAMisroutedWriteAtTheServer() {
        ClusterNode replica = CLUSTER.cluster().replicas().get(0);
        Publisher<?> makeWritable = Mono.fromRunnable(() -> replica.execute("SET GLOBAL read_only = 0"))
                .subscribeOn(Schedulers.boundedElastic());
        try {
            List<Object> refusals = query(connection -> connection
                    .pinned(NodeRole.REPLICA, MariadbConnection.class)
                    .delayUntil(driver -> makeWritable)
                    .flatMapMany(driver -> updates(driver, "INSERT INTO item (name) VALUES ('misrouted')"))
                    .onErrorResume(R2dbcException.class, Mono::just)
                    .contextWrite(Routing.using(replica.name())));
            assertThat(refusals)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            R2dbcException.class,
                            refusal -> assertThat(refusal.getErrorCode()).isEqualTo(1792));
        } finally {
            replica.execute("SET GLOBAL read_only = 1");
        }
        awaitRole(replica, NodeRole.REPLICA);
    }

    @Test
    void shouldSendAReadThatTheServerRefusesToThePrimaryAndRememberIt() {
        query(connection -> rows(connection, "SELECT n FROM peek"));
        assertThat(ROUTED.roles()).containsExactly(NodeRole.REPLICA, NodeRole.PRIMARY);
        ROUTED.clear();
        query(connection -> rows(connection, "SELECT n FROM peek"));
        assertThat(ROUTED.roles()).containsExactly(NodeRole.PRIMARY);
    }

    @Test
    void shouldSeeRolePositionLagAndUpstreamOfEachNode() {
        CLUSTER.cluster().execute("INSERT INTO item (name) VALUES ('seen')");
        ClusterNode primary = CLUSTER.cluster().primary();
        ReplicationLink following =
                new ReplicationLink(ReplicationLink.State.STREAMING, primary.host(), primary.port());
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(factory.currentTopology().nodes())
                    .extracting(NodeState::role)
                    .containsExactly(NodeRole.PRIMARY, NodeRole.REPLICA, NodeRole.REPLICA);
            assertThat(factory.currentTopology().nodes()).allSatisfy(node -> {
                assertThat(node.replication()).isNotNull();
                assertThat(node.replication().lag()).isNotNull();
                assertThat(node.replication().position())
                        .isInstanceOfSatisfying(
                                MariaDbGtidPosition.class,
                                position -> assertThat(position.domains()).containsKey(0L));
            });
            assertThat(factory.currentTopology().nodes())
                    .extracting(node -> node.replication().link())
                    .containsExactly(ReplicationLink.UNKNOWN, following, following);
        });
    }

    @Test
    void shouldNotGuessTheLinkWithoutThePrivilegeToSeeIt() {
        LocalCluster cluster = CLUSTER.cluster();
        RoutingConnectionFactory plain = ROUTED.over(cluster, "mariadb")
                .monitorCredentials(cluster.username(), cluster.password())
                .build();
        try {
            plain.create().block(LIMIT);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(plain.explain("SELECT 1").node())
                            .isNotNull()
                            .satisfies(node -> assertThat(node.role()).isEqualTo(NodeRole.REPLICA)));
            assertThat(plain.currentTopology().nodes())
                    .filteredOn(node -> node.role() == NodeRole.REPLICA)
                    .extracting(node -> node.replication().link())
                    .containsOnly(ReplicationLink.UNKNOWN);
        } finally {
            plain.close().block(LIMIT);
        }
    }

    private static void awaitRole(ClusterNode node, NodeRole role) {
        await().atMost(LIMIT).until(() -> {
            NodeState seen = factory.topology().skip(3).blockFirst(LIMIT).node(new NodeId(node.name()));
            return seen.role() == role && seen.isUsable();
        });
    }

    private static List<Object> query(Function<RoutingConnection, Publisher<?>> work) {
        return Flux.usingWhen(
                        factory.create(), connection -> Flux.<Object>from(work.apply(connection)), Connection::close)
                .collectList()
                .block(LIMIT);
    }

    private static Flux<Object> rows(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)));
    }

    private static Flux<Object> updates(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .cast(Object.class);
    }
}
