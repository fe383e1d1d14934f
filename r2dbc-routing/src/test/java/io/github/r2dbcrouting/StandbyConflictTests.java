package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What becomes of reads that are in the way of a replica's replay, which does not wait for them here. */
class StandbyConflictTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2).setting("max_standby_streaming_delay", "0"));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int POOL = 2;
    private static final String SLOW = "SELECT pg_sleep(5) FROM item";

    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;
    private List<NodeState> before;

    @BeforeEach
    void open() {
        CLUSTER.cluster()
                .execute("DROP TABLE IF EXISTS item; CREATE TABLE item AS SELECT 1 AS id; GRANT ALL ON item TO PUBLIC");
        CLUSTER.cluster().awaitReplication();
        factory = routed.over(CLUSTER.cluster())
                .probeInterval(Duration.ofMillis(100))
                .maxSize(POOL)
                .build();
        use(connection -> rows(connection, "SELECT id FROM item")).block(LIMIT);
        await().atMost(LIMIT)
                .until(() -> factory.currentTopology().nodes().stream().allMatch(NodeState::isUsable));
        before = factory.currentTopology().nodes();
        routed.clear();
    }

    /** The replica is well: it stays where it is, and loses none of its connections. */
    @AfterEach
    void shouldLeaveTheReplicasAsTheyWere() {
        CLUSTER.cluster().nodes().forEach(node -> EveryConnection.take(factory, node, POOL, LIMIT));
        assertThat(factory.currentTopology().nodes())
                .extracting(NodeState::generation)
                .isEqualTo(before.stream().map(NodeState::generation).toList());
        factory.close().block(LIMIT);
    }

    @Test
    void shouldRunACancelledReadElsewhere() {
        CompletableFuture<?> read = use(connection -> rows(connection, SLOW)).toFuture();
        await().atMost(LIMIT).until(() -> isRunning(SLOW));
        lockOutReaders();
        assertThat(read).succeedsWithin(LIMIT);
        assertThat(routed.nodes()).hasSizeGreaterThan(1).doesNotHaveDuplicates();
    }

    @Test
    void shouldTellAReadOnlyTransactionThatItsStatementWasCancelled() {
        CompletableFuture<?> read = use(connection ->
                        connection.beginTransaction(ReadOnly.TRANSACTION).thenMany(rows(connection, SLOW)))
                .toFuture();
        await().atMost(LIMIT).until(() -> isRunning(SLOW));
        lockOutReaders();
        assertThat(read)
                .failsWithin(LIMIT)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .asInstanceOf(InstanceOfAssertFactories.type(R2dbcException.class))
                .extracting(R2dbcException::getSqlState)
                .isEqualTo("40001");
    }

    /** Then the server has nobody to tell, and closes the connection. */
    @Test
    void shouldFailAReadOnlyTransactionWhoseConnectionWasClosedWhileItWasIdle() {
        RoutingConnection connection = factory.create().block(LIMIT);
        connection
                .beginTransaction(ReadOnly.TRANSACTION)
                .thenMany(rows(connection, "SELECT id FROM item"))
                .blockLast(LIMIT);
        lockOutReaders();
        ClusterNode node = CLUSTER.cluster().node(routed.nodes().get(0));
        await().atMost(LIMIT)
                .until(() -> node.query("SELECT pid FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
                        .isEmpty());
        CompletableFuture<?> next =
                rows(connection, "SELECT id FROM item").then().toFuture();
        assertThat(next)
                .failsWithin(LIMIT)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOf(R2dbcException.class)
                .isNotInstanceOf(OutcomeUnknownException.class);
        connection.close().block(LIMIT);
    }

    private static boolean isRunning(String sql) {
        return CLUSTER.cluster().replicas().stream()
                .anyMatch(node -> !node.query(
                                "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query = '" + sql + "'")
                        .isEmpty());
    }

    /** The replay of this needs the table for itself. */
    private static void lockOutReaders() {
        CLUSTER.cluster().execute("TRUNCATE item");
    }

    private Mono<Void> use(Function<RoutingConnection, Publisher<?>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close).then();
    }

    private static Flux<?> rows(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute()).concatMap(Result::getRowsUpdated);
    }
}
