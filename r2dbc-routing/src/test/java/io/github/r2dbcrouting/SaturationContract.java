package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterException;
import io.github.r2dbcrouting.error.AcquireTimeoutException;
import io.github.r2dbcrouting.error.PoolNumbers;
import io.github.r2dbcrouting.error.Problem;
import io.github.r2dbcrouting.error.ServerSaturatedException;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A node that has no connection left, or whose pool has none, is busy and not dead: it is told so with the numbers, and nothing
 * is concluded from it. There are one primary and two replicas, each of which lets in {@link #SERVER_LIMIT} connections.
 */
abstract class SaturationContract {

    static final int SERVER_LIMIT = 20;

    static final Duration LIMIT = Duration.ofSeconds(30);

    /** Long enough to open a connection on a machine that builds and tests at the same time. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Duration SHORT = Duration.ofMillis(300);

    final RoutedStatements routed = new RoutedStatements();
    private final List<Connection> taken = new ArrayList<>();
    private final Queue<Topology> seen = new ConcurrentLinkedQueue<>();
    private Disposable watching;
    private RoutingConnectionFactory factory;
    private Topology before;

    abstract LocalCluster cluster();

    abstract String driver();

    /** Ends the monitor's session on a node that is full, and keeps the monitor from getting another one. */
    abstract void shutOut(ClusterNode node);

    /** Takes that back. */
    abstract void letIn(ClusterNode node);

    @BeforeEach
    void open() {
        factory = routed.over(cluster(), driver())
                .maxSize(2)
                .maxLag(LIMIT)
                .probeInterval(Duration.ofMillis(100))
                .option(RoutingOptions.ACQUIRE_TIMEOUT, PATIENCE)
                .build();
        write().block(LIMIT);
        await().atMost(LIMIT).until(this::isWell);
        before = factory.currentTopology();
        routed.clear();
        watching = factory.topology().subscribe(seen::add);
    }

    @AfterEach
    void close() {
        release();
        letInAgain();
        factory.close().block(LIMIT);
        if (watching != null) {
            watching.dispose();
        }
    }

    @Test
    void shouldTellTheNumbersOfAnExhaustedPoolAndConcludeNothing() {
        List<Connection> writers = List.of(begin(), begin());
        AcquireTimeoutException error = catchThrowableOfType(AcquireTimeoutException.class, () -> write().block(LIMIT));
        assertThat(error)
                .hasMessageContaining("node node1: no connection became free within 2000 ms")
                .hasMessageContaining("2 in use, 0 idle, ")
                .hasMessageContaining("limit 2")
                .hasMessageContaining("raise maxSize or acquireTimeout");
        assertThat(error.pool())
                .extracting(PoolNumbers::inUse, PoolNumbers::idle, PoolNumbers::limit)
                .containsExactly(2, 0, 2);
        assertThat(error.problems()).extracting(Problem::subject).containsExactly("node node1");
        awaitProbes();
        assertNothingConcluded();
        writers.forEach(writer -> Mono.from(writer.close()).block(LIMIT));
        write().block(LIMIT);
    }

    @Test
    void shouldReadElsewhereWhenThePoolOfAReplicaIsExhausted() {
        ClusterNode busy = cluster().replicas().get(0);
        ClusterNode free = cluster().replicas().get(1);
        List<Connection> readers = List.of(beginOn(busy), beginOn(busy));
        routed.clear();
        Flux.range(0, 4).concatMap(i -> read()).blockLast(LIMIT);
        assertThat(routed.nodes()).hasSize(4).containsOnly(free.name());
        // Where no pool has room nobody waits a second time.
        List<Connection> more = List.of(beginOn(free), beginOn(free), begin(), begin());
        AcquireTimeoutException error = catchThrowableOfType(AcquireTimeoutException.class, () -> read().block(LIMIT));
        assertThat(error.pool().inUse()).isEqualTo(2);
        awaitProbes();
        assertNothingConcluded();
        readers.forEach(reader -> Mono.from(reader.close()).block(LIMIT));
        more.forEach(reader -> Mono.from(reader.close()).block(LIMIT));
    }

    @Test
    void shouldTellTheNumbersOfAFullServerAndConcludeNothing() {
        ClusterNode primary = cluster().primary();
        Connection pooled = begin();
        fill(primary);
        ServerSaturatedException error =
                catchThrowableOfType(ServerSaturatedException.class, () -> write().block(LIMIT));
        assertThat(error)
                .hasMessageContaining("node node1: the server lets no more connections in (")
                .hasMessageContaining("1 in use, 0 idle, ")
                .hasMessageContaining("limit 2, needed instances x (maxSize 2 + 1 for the monitor) = instances x 3")
                .hasMessageContaining("within the server's max_connections = " + SERVER_LIMIT + ", so for at most "
                        + SERVER_LIMIT / 3 + " instances")
                .hasMessageContaining("lower maxSize, run fewer instances, raise max_connections")
                .hasCauseInstanceOf(R2dbcException.class);
        assertThat(error.serverLimit()).isEqualTo(SERVER_LIMIT);
        awaitProbes();
        assertNothingConcluded();
        Mono.from(pooled.commitTransaction()).block(LIMIT);
        Mono.from(pooled.close()).block(LIMIT);
        write().block(LIMIT);
        release();
        awaitWritesAgain();
    }

    @Test
    void shouldReadElsewhereWhenAReplicaIsFull() {
        ClusterNode busy = cluster().replicas().get(0);
        fill(busy);
        Flux.range(0, 6).concatMap(i -> read()).blockLast(LIMIT);
        assertThat(routed.nodes()).hasSize(6).doesNotContain(busy.name());
        assertThat(routed.roles()).containsOnly(NodeRole.REPLICA);
        awaitProbes();
        assertNothingConcluded();
    }

    @Test
    void shouldNotTakeANodeForDeadThatLetsTheMonitorInNoMore() {
        ClusterNode primary = cluster().primary();
        Connection pooled = begin();
        fill(primary);
        shutOut(primary);
        await().atMost(LIMIT).until(() -> state(primary).health() == NodeHealth.DEGRADED);
        assertThat(state(primary).role()).isEqualTo(NodeRole.PRIMARY);
        assertThat(state(primary).problem())
                .asString()
                .contains("answers, but has no connection left for the monitor: ", "needed one for each instance");
        Mono.from(pooled.commitTransaction()).block(LIMIT);
        Mono.from(pooled.close()).block(LIMIT);
        read().block(LIMIT);
        await().during(Duration.ofMillis(500))
                .atMost(LIMIT)
                .until(() -> state(primary).health() == NodeHealth.DEGRADED
                        && primary.name().equals(nameOfPrimary(factory.currentTopology())));
        // Not even for a moment was it taken for dead, or for another life of its own.
        assertThat(seen).isNotEmpty().allSatisfy(topology -> {
            NodeState node = Objects.requireNonNull(topology.node(new NodeId(primary.name())));
            assertThat(node.isUsable()).isTrue();
            assertThat(node.generation()).isEqualTo(generation(before, primary));
            assertThat(nameOfPrimary(topology)).isEqualTo(primary.name());
            assertThat(topology.epoch()).isEqualTo(before.epoch());
        });
        release();
        letInAgain();
        await().atMost(LIMIT).until(this::isWell);
        assertThat(factory.currentTopology().epoch()).isEqualTo(before.epoch());
        write().block(LIMIT);
    }

    @Test
    void shouldTellASlowServerFromAnExhaustedPool() {
        ClusterNode primary = cluster().primary();
        RoutingConnectionFactory slow = RoutingConnectionFactory.builder()
                .driver(driver())
                .node("slow", primary.proxy().host(), primary.proxy().port())
                .credentials(cluster().username(), cluster().password())
                .monitorCredentials(cluster().monitorUsername(), cluster().monitorPassword())
                .database(cluster().database())
                .option(RoutingOptions.PROBE_TIMEOUT, LIMIT)
                .option(RoutingOptions.EXCHANGE_TIMEOUT, LIMIT)
                .option(RoutingOptions.ACQUIRE_TIMEOUT, SHORT)
                .build();
        try {
            Connection connection = slow.create().block(LIMIT);
            primary.proxy().latency(Duration.ofMillis(200));
            AcquireTimeoutException error = catchThrowableOfType(
                    AcquireTimeoutException.class, () -> read(connection).block(LIMIT));
            assertThat(error)
                    .hasMessageContaining("node slow: no connection could be opened within 300 ms: 0 in use, ")
                    .hasMessageContaining("look at the server's load and at the way to it");
            assertThat(slow.currentTopology().nodes())
                    .extracting(NodeState::health)
                    .containsExactly(NodeHealth.HEALTHY);
        } finally {
            primary.proxy().heal();
            slow.close().block(LIMIT);
        }
    }

    /** Takes every connection that a node still gives to ordinary users. */
    private void fill(ClusterNode node) {
        ConnectionFactory direct = ConnectionFactories.get(ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, driver())
                .option(ConnectionFactoryOptions.HOST, node.host())
                .option(ConnectionFactoryOptions.PORT, node.port())
                .option(ConnectionFactoryOptions.USER, cluster().username())
                .option(ConnectionFactoryOptions.PASSWORD, cluster().password())
                .option(ConnectionFactoryOptions.DATABASE, cluster().database())
                .build());
        while (true) {
            try {
                taken.add(Objects.requireNonNull(Mono.from(direct.create()).block(LIMIT)));
            } catch (R2dbcException full) {
                return;
            }
        }
    }

    private void release() {
        taken.forEach(connection -> Mono.from(connection.close()).block(LIMIT));
        taken.clear();
    }

    /** Waits for the server to notice that there is room. */
    private void letInAgain() {
        await().atMost(LIMIT)
                .ignoreExceptionsInstanceOf(LocalClusterException.class)
                .untilAsserted(() -> letIn(cluster().primary()));
    }

    /** A server notices late that a connection was closed. */
    private void awaitWritesAgain() {
        List<Connection> writers = new ArrayList<>();
        await().atMost(LIMIT)
                .ignoreExceptionsInstanceOf(ServerSaturatedException.class)
                .until(() -> {
                    writers.add(begin());
                    return writers.size() == 2;
                });
        writers.forEach(writer -> Mono.from(writer.close()).block(LIMIT));
    }

    private boolean isWell() {
        Topology topology = factory.currentTopology();
        return topology.primary() != null
                && topology.nodes().stream().allMatch(node -> node.health() == NodeHealth.HEALTHY);
    }

    /** Waits until each node has answered two more probes: the second of them was sent after this call. */
    private void awaitProbes() {
        Map<NodeId, Long> first = new HashMap<>();
        Map<NodeId, Long> second = new HashMap<>();
        await().atMost(LIMIT).until(() -> {
            for (NodeState node : factory.currentTopology().nodes()) {
                long sampledAt = node.replication().sampledAt();
                if (first.putIfAbsent(node.id(), sampledAt) != null && first.get(node.id()) != sampledAt) {
                    second.putIfAbsent(node.id(), sampledAt);
                }
            }
            return second.size() == cluster().nodes().size();
        });
    }

    private void assertNothingConcluded() {
        assertThat(seen).isNotEmpty().allSatisfy(topology -> {
            assertThat(topology.epoch()).isEqualTo(before.epoch());
            assertThat(topology.alarm()).isNull();
            assertThat(nameOfPrimary(topology)).isEqualTo(nameOfPrimary(before));
            assertThat(topology.nodes()).extracting(NodeState::health).containsOnly(NodeHealth.HEALTHY);
            assertThat(topology.nodes())
                    .extracting(NodeState::generation)
                    .isEqualTo(
                            before.nodes().stream().map(NodeState::generation).toList());
        });
    }

    private static long generation(Topology topology, ClusterNode node) {
        return Objects.requireNonNull(topology.node(new NodeId(node.name()))).generation();
    }

    private static String nameOfPrimary(Topology topology) {
        return topology.primary() == null ? "none" : topology.primary().id().name();
    }

    private NodeState state(ClusterNode node) {
        return Objects.requireNonNull(factory.currentTopology().node(new NodeId(node.name())));
    }

    /** Begins a transaction on the primary, whose connection it holds until it is closed. */
    private Connection begin() {
        Connection connection = Objects.requireNonNull(factory.create().block(LIMIT));
        Mono.from(connection.beginTransaction()).block(LIMIT);
        return connection;
    }

    private Connection beginOn(ClusterNode node) {
        Connection connection = Objects.requireNonNull(factory.create().block(LIMIT));
        Mono.from(connection.beginTransaction(ReadOnly.TRANSACTION))
                .contextWrite(Routing.using(node.name()))
                .block(LIMIT);
        return connection;
    }

    private Mono<Void> write() {
        return Mono.usingWhen(
                factory.create(),
                connection -> execute(connection, "CREATE TABLE IF NOT EXISTS written (id int)"),
                Connection::close);
    }

    private Mono<Void> read() {
        return read(factory);
    }

    private static Mono<Void> read(RoutingConnectionFactory from) {
        return Mono.usingWhen(from.create(), SaturationContract::read, Connection::close);
    }

    private static Mono<Void> read(Connection connection) {
        return execute(connection, "SELECT 1");
    }

    private static Mono<Void> execute(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .then();
    }
}
