package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
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
import reactor.core.scheduler.Schedulers;

/** What statements notice of a server that is started again, in order or after a crash. */
class RestartTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String INSERT = "INSERT INTO item VALUES (1)";
    private static final int READERS = 3;
    private static final int WRITERS = 3;
    private static final int POOL = READERS + WRITERS;

    private final RoutedStatements routed = new RoutedStatements();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();
    private final Queue<Throwable> failedWrites = new ConcurrentLinkedQueue<>();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTables() {
        for (DatabaseKind database : DatabaseKind.values()) {
            CLUSTERS.of(database).execute("CREATE TABLE item (id int)");
        }
    }

    /** How a server comes to be started again. */
    private enum Way {
        RESTART {
            @Override
            void take(ClusterNode node) {
                node.restart();
            }
        },
        CRASH {
            @Override
            void take(ClusterNode node) {
                node.kill();
                node.start();
            }
        },
        /** PostgreSQL then ends all others too, and starts all over by itself. */
        CRASH_OF_A_BACKEND {
            @Override
            void take(ClusterNode node) {
                String pid = node.query("SELECT pid FROM pg_stat_activity WHERE usename = 'app'")
                        .get(0)
                        .get(0);
                ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
            }
        };

        abstract void take(ClusterNode node);
    }

    static Stream<Arguments> ways() {
        return Stream.of(
                Arguments.of(DatabaseKind.POSTGRESQL, Way.RESTART),
                Arguments.of(DatabaseKind.POSTGRESQL, Way.CRASH),
                Arguments.of(DatabaseKind.POSTGRESQL, Way.CRASH_OF_A_BACKEND),
                Arguments.of(DatabaseKind.MARIADB, Way.RESTART),
                Arguments.of(DatabaseKind.MARIADB, Way.CRASH));
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldFailNothingWhenAReplicaIsStartedAgain(DatabaseKind database, Way way) {
        open(database);
        strikeUnderLoad(way, cluster.replicas().get(0));
        assertThat(failedWrites).isEmpty();
    }

    /** What was not sent yet waits for the primary; none of it is sent twice. */
    @ParameterizedTest
    @MethodSource("ways")
    void shouldFailNoMoreThanTheWritesInFlightWhenThePrimaryIsStartedAgain(DatabaseKind database, Way way) {
        open(database);
        strikeUnderLoad(way, cluster.primary());
        assertThat(failedWrites).hasSizeLessThanOrEqualTo(WRITERS).hasOnlyElementsOfType(OutcomeUnknownException.class);
        String rows =
                cluster.primary().query("SELECT count(*) FROM item").get(0).get(0);
        assertThat(Integer.parseInt(rows)).isBetween(writes.get(), writes.get() + failedWrites.size());
    }

    @ParameterizedTest
    @EnumSource
    void shouldSendOnAnotherConnectionWhatTheDriverRefusedToSend(DatabaseKind database) {
        open(database);
        List<Function<RoutingConnection, Publisher<?>>> refused = List.of(
                connection -> rows(connection, INSERT),
                connection -> run(connection
                        .createStatement("INSERT INTO item VALUES (" + database.marker + ")")
                        .bind(0, 1)),
                connection -> connection
                        .beginTransaction()
                        .thenMany(rows(connection, INSERT))
                        .then(connection.commitTransaction()));
        for (Function<RoutingConnection, Publisher<?>> next : refused) {
            use(connection -> rows(connection, INSERT)
                            .thenMany(Mono.fromRunnable(() -> loseConnections(database))
                                    .subscribeOn(Schedulers.boundedElastic()))
                            .thenMany(next.apply(connection)))
                    .block(LIMIT);
        }
        assertThat(cluster.primary().query("SELECT id FROM item")).hasSize(2 * refused.size());
    }

    private void loseConnections(DatabaseKind database) {
        database.endSessions(cluster.primary(), cluster.username());
        // These share the drivers' threads, which have so come to see that the others are closed.
        cluster.replicas().forEach(node -> EveryConnection.take(factory, node, POOL, LIMIT));
    }

    private void open(DatabaseKind database) {
        cluster = CLUSTERS.of(database);
        cluster.execute("DELETE FROM item");
        cluster.awaitReplication();
        factory = routed.over(cluster, database.driver)
                .probeInterval(Duration.ofMillis(100))
                .option(RoutingOptions.ACQUIRE_TIMEOUT, LIMIT)
                .maxSize(POOL)
                .build();
        use(connection -> rows(connection, "SELECT 1")).block(LIMIT);
    }

    private void strikeUnderLoad(Way way, ClusterNode node) {
        CompletableFuture<?> load = Flux.merge(
                        Flux.range(0, READERS)
                                .flatMap(reader -> use(connection -> rows(connection, "SELECT id FROM item"))
                                        .doOnSuccess(nothing -> reads.incrementAndGet())
                                        .repeat(() -> !stop.get())),
                        Flux.range(0, WRITERS)
                                .flatMap(writer -> use(connection -> rows(connection, INSERT))
                                        .doOnSuccess(nothing -> writes.incrementAndGet())
                                        .onErrorResume(error -> {
                                            failedWrites.add(error);
                                            return Mono.empty();
                                        })
                                        .repeat(() -> !stop.get())))
                .then()
                .toFuture();
        await().atMost(LIMIT)
                .until(() ->
                        reads.get() > 100 && writes.get() > 100 && state(node).isUsable());
        long before = state(node).generation();
        way.take(node);
        await().atMost(LIMIT)
                .until(() -> state(node).health() == NodeHealth.HEALTHY
                        && state(node).generation() > before);
        int last = writes.get();
        routed.clear();
        await().atMost(LIMIT)
                .until(() -> writes.get() > last + 100 && routed.nodes().contains(node.name()));
        stop.set(true);
        assertThat(load).succeedsWithin(LIMIT);
        EveryConnection.take(factory, node, POOL, LIMIT);
    }

    private Mono<Void> use(Function<RoutingConnection, Publisher<?>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close).then();
    }

    private static Flux<?> rows(Connection connection, String sql) {
        return run(connection.createStatement(sql));
    }

    private static Flux<?> run(Statement statement) {
        return Flux.defer(statement::execute).concatMap(Result::getRowsUpdated);
    }

    private NodeState state(ClusterNode node) {
        NodeState state = factory.currentTopology().node(new NodeId(node.name()));
        assertThat(state).isNotNull();
        return state;
    }
}
