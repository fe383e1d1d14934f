package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.error.TransactionLostException;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What becomes of statements, in flight and new, when the network to their node fails or the node is frozen. The drivers do not
 * notice most of it.
 */
class FaultyNetworkTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int POOL = 6;
    private static final Throwable NO_ERROR = new Throwable("no error");

    private final RoutedStatements routed = new RoutedStatements();
    private DatabaseKind database;
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTables() {
        for (LocalCluster each : CLUSTERS.all()) {
            each.execute("CREATE TABLE item (id int); INSERT INTO item VALUES (1)");
            each.awaitReplication();
        }
    }

    /** A long exchange timeout, so that it is not this which ends anything. */
    private void open(DatabaseKind chosen, Duration probeInterval) {
        open(chosen, probeInterval, LIMIT.multipliedBy(2));
    }

    private void open(DatabaseKind chosen, Duration probeInterval, Duration exchangeTimeout) {
        database = chosen;
        cluster = CLUSTERS.of(chosen);
        factory = routed.overProxies(cluster, chosen.driver)
                .maxLag(probeInterval.plusSeconds(5))
                .probeInterval(probeInterval)
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(1))
                .option(RoutingOptions.EXCHANGE_TIMEOUT, exchangeTimeout)
                .option(RoutingOptions.SUSPECT_AFTER, Duration.ofMillis(200))
                .maxSize(POOL)
                .build();
        use(connection -> rows(connection, "SELECT 1")).block(LIMIT);
        await().atMost(LIMIT).until(() -> nodes().allMatch(this::isHealthy));
        routed.clear();
    }

    @AfterEach
    void shouldLeaveNoConnection() {
        for (NodeFault fault : NodeFault.values()) {
            nodes().forEach(fault::end);
        }
        factory.close().block(LIMIT);
        await().atMost(LIMIT).until(() -> nodes().allMatch(node -> node.proxy().connections() == 0));
    }

    static Stream<Arguments> faults() {
        Stream<Arguments> all =
                Arrays.stream(NodeFault.values()).map(fault -> Arguments.of(DatabaseKind.POSTGRESQL, fault));
        // As the other driver sees it, the rest is the same as one of these.
        Stream<Arguments> some = Stream.of(
                        NodeFault.FREEZE, NodeFault.NOTHING_COMES_BACK, NodeFault.RESET, NodeFault.RESET_AND_FULL_QUEUE)
                .map(fault -> Arguments.of(DatabaseKind.MARIADB, fault));
        return Stream.concat(all, some);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void shouldFailNoReadButThoseOfAnOpenTransaction(DatabaseKind chosen, NodeFault fault) {
        open(chosen, Duration.ofMillis(100));
        ClusterNode struck = cluster.replicas().get(0);
        long before = state(struck).generation();
        String slow = chosen.sleepOn(struck, 5);
        CompletableFuture<?> slowReads = reads(connection -> rows(connection, slow), 4);
        CompletableFuture<Throwable> inTransaction = errorOf(use(connection ->
                        connection.beginTransaction(ReadOnly.TRANSACTION).thenMany(rows(connection, slow)))
                .contextWrite(Routing.using(struck.name())));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger done = new AtomicInteger();
        CompletableFuture<?> load = Flux.range(0, 4)
                .flatMap(reader -> use(connection -> query(connection, reader % 2 == 0))
                        .doOnSuccess(nothing -> done.incrementAndGet())
                        .repeat(() -> !stop.get()))
                .then()
                .toFuture();
        await().atMost(LIMIT)
                .until(() -> done.get() > 40
                        && routed.all().stream()
                                        .filter(route -> route.sql().equals(slow)
                                                && route.node().name().equals(struck.name()))
                                        .count()
                                >= 3);
        fault.strike(struck);
        CompletableFuture<?> readOnly = reads(
                connection -> connection
                        .beginTransaction(ReadOnly.TRANSACTION)
                        .thenMany(rows(connection, "SELECT id FROM item")),
                4);

        assertThat(slowReads).succeedsWithin(LIMIT);
        assertThat(readOnly).succeedsWithin(LIMIT);
        assertThat(inTransaction).succeedsWithin(LIMIT).satisfies(error -> isLost(error, struck, fault));
        await().atMost(LIMIT).until(() -> !fault.isLasting() || !state(struck).isUsable());
        int atFault = done.get();
        await().atMost(LIMIT).until(() -> done.get() > atFault + 40);
        fault.end(struck);
        await().atMost(LIMIT).until(() -> isHealthy(struck) && state(struck).generation() > before);
        routed.clear();
        await().atMost(LIMIT).until(() -> routed.nodes().contains(struck.name()));
        stop.set(true);
        assertThat(load).succeedsWithin(LIMIT);
        EveryConnection.take(factory, struck, POOL, LIMIT);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void shouldTellWhatIsKnownOfWritesAndTransactions(DatabaseKind chosen, NodeFault fault) {
        open(chosen, Duration.ofMillis(100));
        ClusterNode struck = cluster.primary();
        long before = state(struck).generation();
        Transaction idle = new Transaction();
        Transaction forgotten = new Transaction();
        Transaction busy = new Transaction();
        String slow = chosen.sleepOn(struck, 5);
        CompletableFuture<Throwable> slowWrite =
                errorOf(use(connection -> rows(connection, "INSERT INTO item " + slow)));
        CompletableFuture<Throwable> slowTransaction = errorOf(rows(busy.connection, slow));
        await().atMost(LIMIT).until(() -> routed.all().size() == 8);
        fault.strike(struck);
        CompletableFuture<Throwable> commit = errorOf(idle.connection.commitTransaction());
        CompletableFuture<Throwable> close = errorOf(forgotten.connection.close());
        CompletableFuture<Throwable> begin = errorOf(use(RoutingConnection::beginTransaction));
        CompletableFuture<Throwable> write =
                errorOf(use(connection -> rows(connection, "INSERT INTO item VALUES (3)")));

        assertThat(slowWrite).succeedsWithin(LIMIT).isInstanceOf(OutcomeUnknownException.class);
        // A commit that could not be sent is known to have failed.
        assertThat(commit)
                .succeedsWithin(LIMIT)
                .isInstanceOf(fault.isNoticed() ? R2dbcException.class : OutcomeUnknownException.class);
        assertThat(slowTransaction).succeedsWithin(LIMIT).satisfies(error -> isLost(error, struck, fault));
        assertThat(close).succeedsWithin(LIMIT).isSameAs(NO_ERROR);
        await().atMost(LIMIT).until(() -> !fault.isLasting() || !state(struck).isUsable());
        fault.end(struck);
        await().atMost(LIMIT).until(() -> isHealthy(struck) && state(struck).generation() > before);
        assertThat(begin).succeedsWithin(LIMIT).isNotInstanceOf(OutcomeUnknownException.class);
        assertThat(write).succeedsWithin(LIMIT).isNotNull();
        EveryConnection.take(factory, struck, POOL, LIMIT);
        List.of(idle, forgotten, busy).forEach(Transaction::close);
    }

    /** With the driver's own error, or if it did not notice anything the reason for which the node was given up. */
    private static void isLost(Throwable error, ClusterNode node, NodeFault fault) {
        assertThat(error).isInstanceOf(TransactionLostException.class).hasCauseInstanceOf(R2dbcException.class);
        if (!fault.isNoticed()) {
            assertThat(error)
                    .hasCauseInstanceOf(NodeUnreachableException.class)
                    .hasMessageContaining("node " + node.name() + ": given up")
                    .hasMessageContaining("probes of it failed");
        }
    }

    /** What is connected works, so the node is well. */
    @ParameterizedTest
    @EnumSource
    void shouldReadElsewhereWhenANodeAnswersNoAttemptToConnect(DatabaseKind chosen) {
        open(chosen, Duration.ofMillis(100), Duration.ofSeconds(1));
        ClusterNode struck = cluster.replicas().get(0);
        long before = state(struck).generation();
        struck.proxy().ignoreAttempts();
        assertThat(reads(connection -> query(connection, true), 3 * POOL)).succeedsWithin(LIMIT);
        assertThat(state(struck).generation()).isEqualTo(before);
        struck.proxy().heal();
        EveryConnection.take(factory, struck, POOL, LIMIT);
    }

    /** Only the suspicion can bring its end: the next regular probe is an hour away. */
    @ParameterizedTest
    @EnumSource
    void shouldProbeANodeOnWhichAStatementIsSilent(DatabaseKind chosen) {
        open(chosen, Duration.ofHours(1));
        ClusterNode struck = cluster.replicas().get(0);
        CompletableFuture<?> slowReads = reads(connection -> rows(connection, chosen.sleepOn(struck, 5)), 4);
        await().atMost(LIMIT).until(() -> routed.nodes().contains(struck.name()));
        NodeFault.BLACK_HOLE.strike(struck);
        assertThat(slowReads).succeedsWithin(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void shouldProbeOnlyOnceForAStatementThatIsRightlySlow(DatabaseKind chosen) {
        open(chosen, Duration.ofHours(1));
        ClusterNode node = cluster.replicas().get(0);
        CompletableFuture<Long> samples = factory.topology()
                .map(topology ->
                        topology.node(new NodeId(node.name())).replication().sampledAt())
                .distinct()
                .takeUntilOther(use(connection -> rows(connection, chosen.sleepOn(node, 1.5)))
                        .contextWrite(Routing.using(node.name())))
                .count()
                .toFuture();
        assertThat(samples).succeedsWithin(LIMIT).isEqualTo(2L);
    }

    private CompletableFuture<?> reads(Function<RoutingConnection, Publisher<?>> work, int number) {
        return Flux.range(0, number).flatMap(reader -> use(work)).then().toFuture();
    }

    private static CompletableFuture<Throwable> errorOf(Publisher<?> work) {
        return Flux.from(work)
                .then(Mono.<Throwable>empty())
                .onErrorResume(Mono::just)
                .defaultIfEmpty(NO_ERROR)
                .toFuture();
    }

    /** Has written something. */
    private final class Transaction {

        private final RoutingConnection connection = factory.create().block(LIMIT);

        Transaction() {
            connection
                    .beginTransaction()
                    .thenMany(rows(connection, "INSERT INTO item VALUES (2)"))
                    .blockLast(LIMIT);
        }

        void close() {
            connection.close().block(LIMIT);
        }
    }

    private Mono<Void> use(Function<RoutingConnection, Publisher<?>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close).then();
    }

    private Flux<?> query(Connection connection, boolean parameter) {
        String sql = "SELECT id FROM item WHERE id = ";
        return parameter
                ? run(() -> connection.createStatement(sql + database.marker).bind(0, 1))
                : rows(connection, sql + 1);
    }

    private static Flux<?> rows(Connection connection, String sql) {
        return run(() -> connection.createStatement(sql));
    }

    private static Flux<?> run(Supplier<Statement> statement) {
        return Flux.defer(() -> statement.get().execute()).concatMap(Result::getRowsUpdated);
    }

    private Stream<ClusterNode> nodes() {
        return cluster.nodes().stream();
    }

    private boolean isHealthy(ClusterNode node) {
        return state(node).health() == NodeHealth.HEALTHY;
    }

    private NodeState state(ClusterNode node) {
        NodeState state = factory.currentTopology().node(new NodeId(node.name()));
        assertThat(state).isNotNull();
        return state;
    }
}
