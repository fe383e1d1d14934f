package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.TransactionDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Where statements and transactions go, on a real primary with two replicas. */
class RoutingTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final TransactionDefinition READ_ONLY = definition(Map.of(TransactionDefinition.READ_ONLY, true));
    private static final RoutedStatements ROUTED = new RoutedStatements();
    private static RoutingConnectionFactory factory;

    @BeforeAll
    static void start() {
        CLUSTER.cluster()
                .execute("CREATE TABLE item (id serial PRIMARY KEY, name text); GRANT ALL ON item TO PUBLIC;"
                        + " GRANT ALL ON SEQUENCE item_id_seq TO PUBLIC");
        CLUSTER.cluster().awaitReplication();
        factory = ROUTED.over(CLUSTER.cluster()).build();
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

    @Test
    void shouldSpreadReadsOverTheReplicas() {
        for (int i = 0; i < 4; i++) {
            query(connection -> rows(connection, "SELECT 1"));
        }
        assertThat(ROUTED.roles()).containsOnly(NodeRole.REPLICA);
        assertThat(ROUTED.nodes()).contains("node2", "node3");
    }

    @Test
    void shouldWriteOnThePrimaryAndStayThere() {
        query(connection -> Flux.concat(
                rows(connection, "SELECT 1"),
                updates(connection, "INSERT INTO item (name) VALUES ('a')"),
                rows(connection, "SELECT 1")));
        assertThat(ROUTED.roles()).containsExactly(NodeRole.REPLICA, NodeRole.PRIMARY, NodeRole.PRIMARY);
    }

    @Test
    void shouldPreferTheReplicaOfTheLastRead() {
        query(connection -> Flux.range(0, 6).concatMap(i -> rows(connection, "SELECT 1")));
        assertThat(ROUTED.nodes().stream().distinct()).hasSize(1);
    }

    @Test
    void shouldRunAReadOnlyTransactionOnOneReplica() {
        query(connection -> connection
                .beginTransaction(READ_ONLY)
                .thenMany(rows(connection, "SELECT 1"))
                .concatWith(rows(connection, "SELECT pg_backend_pid()"))
                .concatWith(Mono.from(connection.commitTransaction()).then(Mono.empty())));
        assertThat(ROUTED.roles()).containsOnly(NodeRole.REPLICA);
        assertThat(ROUTED.nodes().stream().distinct()).hasSize(1);
    }

    @Test
    void shouldRunAnyOtherTransactionOnThePrimary() {
        query(connection -> connection
                .beginTransaction()
                .thenMany(rows(connection, "SELECT 1"))
                .concatWith(connection.rollbackTransaction().then(Mono.empty())));
        assertThat(ROUTED.roles()).containsOnly(NodeRole.PRIMARY);
    }

    @Test
    void shouldTreatATransactionInTextAsOne() {
        List<Object> seen = query(connection -> Flux.concat(
                updates(connection, "BEGIN"),
                updates(connection, "INSERT INTO item (name) VALUES ('text')"),
                rows(connection, "SELECT count(*) FROM item WHERE name = 'text'"),
                updates(connection, "ROLLBACK"),
                rows(connection, "SELECT count(*) FROM item WHERE name = 'text'")));
        assertThat(seen).endsWith(1L, 0L);
        assertThat(ROUTED.roles()).containsOnly(NodeRole.PRIMARY);
    }

    @Test
    void shouldReadHintsWhenAStatementIsSubscribedTo() {
        query(connection -> {
            Flux<Object> read = rows(connection, "SELECT 1");
            return read.contextWrite(Routing.primary())
                    .concatWith(read.contextWrite(Routing.using("node3")))
                    .concatWith(rows(connection, "SELECT my_unknown()")
                            .onErrorResume(error -> Flux.empty())
                            .contextWrite(Routing.replica()));
        });
        assertThat(ROUTED.nodes()).startsWith("node1", "node3");
        assertThat(ROUTED.roles()).endsWith(NodeRole.REPLICA);
    }

    @Test
    void shouldRefuseAWriteOnAReplicaAtTheServerToo() {
        query(connection -> updates(connection, "DELETE FROM item")
                .contextWrite(Routing.using("node2"))
                .onErrorResume(error -> {
                    assertThat(error).hasMessageContaining("node2").hasMessageContaining("not the primary");
                    return Flux.empty();
                }));
        Object readOnly = query(connection -> rows(connection, "SHOW default_transaction_read_only"))
                .get(0);
        assertThat(readOnly).isEqualTo("on");
    }

    @Test
    void shouldSendAReadThatTheServerRefusesToThePrimaryAndRememberIt() {
        CLUSTER.cluster()
                .execute("CREATE SEQUENCE hidden; CREATE VIEW peek AS SELECT nextval('hidden') AS n;"
                        + " GRANT ALL ON peek TO PUBLIC; GRANT ALL ON SEQUENCE hidden TO PUBLIC");
        CLUSTER.cluster().awaitReplication();
        query(connection -> rows(connection, "SELECT n FROM peek"));
        assertThat(ROUTED.roles()).containsExactly(NodeRole.REPLICA, NodeRole.PRIMARY);
        ROUTED.clear();
        query(connection -> rows(connection, "SELECT n FROM peek"));
        assertThat(ROUTED.roles()).containsExactly(NodeRole.PRIMARY);
    }

    @Test
    void shouldRunABatchOfReadsOnAReplicaAndAnyOtherOnThePrimary() {
        query(connection -> Flux.from(
                        connection.createBatch().add("SELECT 1").add("SELECT 2").execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0))));
        query(connection -> Flux.from(connection
                        .createBatch()
                        .add("SELECT 1")
                        .add("DELETE FROM item WHERE false")
                        .execute())
                .concatMap(Result::getRowsUpdated));
        assertThat(ROUTED.roles()).containsExactly(NodeRole.REPLICA, NodeRole.PRIMARY);
    }

    @Test
    void shouldUndoWhatAStatementLeftInItsSession() {
        query(connection -> Flux.concat(
                updates(connection, "SET application_name = 'left behind'"),
                updates(connection, "CREATE TEMPORARY TABLE leftover (id int)"),
                rows(connection, "SELECT pg_advisory_lock(4711)")));
        List<Object> found = query(connection -> Flux.concat(
                rows(connection, "SHOW application_name").contextWrite(Routing.primary()),
                rows(connection, "SELECT count(*) FROM pg_class WHERE relname = 'leftover'")
                        .contextWrite(Routing.primary()),
                rows(connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
                        .contextWrite(Routing.primary())));
        assertThat(found).doesNotContain("left behind").endsWith(0L, 0L);
    }

    @Test
    void shouldApplySettersToEveryConnectionThatFollowsAndRestoreThem() {
        List<Object> seen = query(connection -> connection
                .setStatementTimeout(Duration.ofMillis(1234))
                .thenMany(rows(connection, "SHOW statement_timeout"))
                .concatWith(updates(connection, "INSERT INTO item (name) VALUES ('b')")
                        .then(Mono.empty()))
                .concatWith(rows(connection, "SHOW statement_timeout")));
        assertThat(seen).containsExactly("1234ms", "1234ms");
        List<Object> after = query(connection -> Flux.range(0, 4)
                .concatMap(i -> rows(connection, "SHOW statement_timeout")
                        .contextWrite(i % 2 == 0 ? Routing.primary() : Routing.unhinted())));
        assertThat(after).containsOnly("0");
    }

    @Test
    void shouldExplainARouteInOneLine() {
        assertThat(factory.explain("SELECT 1").toString())
                .contains("READ", "node1 primary: reads prefer replicas")
                .doesNotContain("\n");
        assertThat(factory.explain("DELETE FROM item").toString()).contains("WRITE -> node1");
    }

    @Test
    void shouldRepeatAStatementForEachSubscription() {
        query(connection -> {
            Flux<Object> read = rows(connection, "SELECT 1");
            return read.concatWith(read).concatWith(read);
        });
        assertThat(ROUTED.all()).hasSize(3);
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

    private static TransactionDefinition definition(Map<Option<?>, Object> attributes) {
        return new TransactionDefinition() {
            @Override
            @SuppressWarnings("unchecked")
            public <T> T getAttribute(Option<T> option) {
                return (T) attributes.get(option);
            }
        };
    }
}
