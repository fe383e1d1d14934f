package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.history.Guarantee;
import io.github.r2dbcrouting.history.HistoryChecker;
import io.github.r2dbcrouting.history.Operation;
import io.github.r2dbcrouting.history.Violation;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What concurrent sessions see on real servers whose replicas stop to replay and go on again, each statement on a connection of its own. */
class SessionGuaranteesTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long SEED = 20_261_121;
    private static final int SESSIONS = 8;
    private static final int OPERATIONS = 120;
    private static final int KEYS = 4;

    private final RoutedStatements routed = new RoutedStatements();
    private final AtomicLong values = new AtomicLong();
    private final List<Operation> history = new ArrayList<>();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTables() {
        for (DatabaseKind database : DatabaseKind.values()) {
            CLUSTERS.of(database).execute("CREATE TABLE entry (place int, number bigint)");
            CLUSTERS.of(database).awaitReplication();
        }
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
        cluster.heal();
        cluster.execute("DELETE FROM entry");
        cluster.awaitReplication();
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowASessionItsOwnWrites(DatabaseKind kind) {
        run(kind, Consistency.readYourWrites());

        assertThat(violations(EnumSet.of(Guarantee.READ_YOUR_WRITES, Guarantee.NOTHING_LOST)))
                .isEmpty();
        assertReadOnReplicas();
    }

    @ParameterizedTest
    @EnumSource
    void shouldNeverShowASessionAnOlderStateThanBefore(DatabaseKind kind) {
        run(kind, Consistency.session());

        assertThat(violations(EnumSet.allOf(Guarantee.class))).isEmpty();
        assertReadOnReplicas();
    }

    /** The control: without promises the same sessions do see stale data, or nothing would be proven. */
    @ParameterizedTest
    @EnumSource
    void shouldFindStaleReadsWhereNothingIsPromised(DatabaseKind kind) {
        run(kind, Consistency.eventual());

        assertThat(violations(EnumSet.of(Guarantee.READ_YOUR_WRITES))).isNotEmpty();
    }

    private void run(DatabaseKind kind, Consistency consistency) {
        cluster = CLUSTERS.of(kind);
        factory = routed.over(cluster, kind.driver)
                .maxLag(Duration.ofMinutes(1))
                .maxSize(20)
                .build();
        CompletableFuture<List<Operation>> running = Flux.fromStream(
                        IntStream.range(0, SESSIONS).boxed())
                .flatMap(number -> session(number, consistency), SESSIONS)
                .collectList()
                .toFuture();
        List<ClusterNode> replicas = cluster.replicas();
        for (int turn = 0; !running.isDone(); turn++) {
            ClusterNode victim = replicas.get(turn % replicas.size());
            victim.pauseReplay();
            victim.resumeReplay();
        }
        assertThat(running).succeedsWithin(LIMIT);
        history.addAll(running.join());
        assertThat(history).hasSize(SESSIONS * OPERATIONS);
    }

    private Flux<Operation> session(int number, Consistency consistency) {
        ConsistencySession session = ConsistencySession.create();
        Random random = new Random(SEED + number);
        return Flux.range(0, OPERATIONS)
                .concatMap(i -> random.nextInt(3) == 0
                        ? write(number, random.nextInt(KEYS))
                        : read(number, random.nextInt(KEYS)))
                .contextWrite(Routing.session(session))
                .contextWrite(Routing.consistency(consistency));
    }

    private Mono<Operation> write(int session, int key) {
        long value = values.incrementAndGet();
        long start = System.nanoTime();
        return use(connection -> Flux.from(connection
                                .createStatement("INSERT INTO entry VALUES (" + key + ", " + value + ")")
                                .execute())
                        .concatMap(Result::getRowsUpdated))
                .then(Mono.fromSupplier(() -> Operation.added(session, key, value, start, System.nanoTime(), "")));
    }

    private Mono<Operation> read(int session, int key) {
        long start = System.nanoTime();
        List<String> node = new ArrayList<>();
        return use(connection -> Flux.from(connection
                                .createStatement("SELECT number FROM entry WHERE place = " + key)
                                .execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0, Long.class))))
                .collectList()
                .contextWrite(Routing.explain(decision -> node.add(decision.toString())))
                .map(seen -> Operation.read(
                        session,
                        key,
                        seen.stream().mapToLong(Long::longValue).toArray(),
                        start,
                        System.nanoTime(),
                        node.toString()));
    }

    private <T> Flux<T> use(Function<Connection, Flux<T>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close);
    }

    private List<Violation> violations(Set<Guarantee> guarantees) {
        List<Operation> last = IntStream.range(0, KEYS)
                .mapToObj(key -> read(0, key).contextWrite(Routing.primary()).block(LIMIT))
                .toList();
        return HistoryChecker.check(history, last, guarantees);
    }

    private void assertReadOnReplicas() {
        long onReplicas = routed.all().stream()
                .filter(route -> route.sql().startsWith("SELECT"))
                .filter(route -> !route.node().name().equals(cluster.primary().name()))
                .count();
        assertThat(onReplicas).as("reads on replicas").isPositive();
    }
}
