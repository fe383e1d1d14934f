package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Where reads go whose nodes die under them, and what becomes of writes that may be executed twice, on real servers. */
class RetriedStatementsTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int WRITERS = 4;
    private static final int BLOWS = 10;

    private final RoutedStatements routed = new RoutedStatements();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTables() {
        for (DatabaseKind database : DatabaseKind.values()) {
            CLUSTERS.of(database).execute("CREATE TABLE item (id int)");
            CLUSTERS.of(database).awaitReplication();
        }
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
        cluster.heal();
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadOnTheOtherReplicaAndThenOnThePrimary(DatabaseKind database) {
        open(database, 2);
        String sleep = database.sleepOnReplicas(30);
        CompletableFuture<?> read = use(connection -> Flux.from(
                                connection.createStatement(sleep).execute())
                        .concatMap(result -> result.map((row, metadata) -> String.valueOf(row.get(0))))
                        .collectList())
                .toFuture();
        for (int tried = 1; tried <= 2; tried++) {
            int present = tried;
            await().atMost(LIMIT).until(() -> routed.all().size() == present);
            ClusterNode victim = node(routed.nodes().get(present - 1));
            await().atMost(LIMIT).until(() -> database.isRunning(victim, sleep));
            victim.kill();
        }
        assertThat(read).succeedsWithin(LIMIT);
        assertThat(routed.nodes())
                .hasSize(3)
                .doesNotHaveDuplicates()
                .endsWith(cluster.primary().name());
        assertThat(factory.retries().sent()).isEqualTo(2);
        assertThat(factory.fallbackReads().admitted()).isEqualTo(1);
        assertThat(factory.fallbackReads().running()).isZero();
    }

    /** Some are executed before their answer is lost, and some are not. */
    @ParameterizedTest
    @EnumSource
    void shouldLoseNoIdempotentWriteWhoseSessionIsEndedUnderIt(DatabaseKind database) {
        open(database, 20);
        AtomicInteger next = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        AtomicInteger blows = new AtomicInteger();
        CompletableFuture<Void> writing = Flux.range(0, WRITERS)
                .flatMap(writer -> Mono.defer(() -> write(next.incrementAndGet()))
                        .doOnNext(updated -> done.incrementAndGet())
                        .repeat(() -> blows.get() < BLOWS))
                .then()
                .toFuture();
        while (blows.get() < BLOWS) {
            int before = done.get();
            await().atMost(LIMIT).until(() -> done.get() > before + 20 || writing.isDone());
            database.endSessionsAtOnce(cluster.primary(), cluster.username());
            blows.incrementAndGet();
        }
        assertThat(writing).as("no write failed").succeedsWithin(LIMIT);
        List<Integer> executed = cluster.primary().query("SELECT id FROM item").stream()
                .map(row -> Integer.valueOf(row.get(0)))
                .toList();
        assertThat(done).hasValue(next.get());
        assertThat(executed.stream().collect(Collectors.toSet()))
                .as("executed at all")
                .hasSize(next.get());
        assertThat(executed.size() - next.get())
                .as("executed once more than asked for")
                .isBetween(0, (int) factory.retries().sent());
        assertThat(factory.retries().sent() - factory.retries().free())
                .as("lost in flight")
                .isPositive();
    }

    private Mono<Long> write(int id) {
        return use(connection -> Flux.from(connection
                                .createStatement("INSERT INTO item VALUES (" + id + ")")
                                .execute())
                        .concatMap(Result::getRowsUpdated)
                        .reduce(0L, Long::sum))
                .contextWrite(Routing.idempotent());
    }

    private <T> Mono<T> use(Function<Connection, Mono<T>> work) {
        return Mono.usingWhen(factory.create(), work, Connection::close);
    }

    private void open(DatabaseKind database, int retries) {
        cluster = CLUSTERS.of(database);
        cluster.execute("DELETE FROM item");
        factory = routed.over(cluster, database.driver)
                .option(RoutingOptions.RETRIES, retries)
                .option(RoutingOptions.RETRIES_PER_SECOND, 1_000)
                .build();
        use(connection -> Mono.just("opened")).block(LIMIT);
        await().atMost(LIMIT)
                .until(() -> factory.currentTopology().nodes().stream()
                        .map(NodeState::health)
                        .allMatch(NodeHealth.HEALTHY::equals));
    }

    private ClusterNode node(String name) {
        return cluster.nodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
