package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Cancels at random moments, and then looks for what was left behind. */
class CancellationTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 3;
    private static final long SEED = Long.getLong("cancellation.seed", 20_261_121);
    private static final int CANCELS = Integer.getInteger("cancellation.count", 600);

    private static final List<Function<RoutingConnection, Publisher<?>>> WORK = List.of(
            connection -> rows(connection, "SELECT id FROM item"),
            connection -> Flux.from(rows(connection, "SELECT id FROM item WHERE id = 7"))
                    .next(),
            connection -> rows(connection, "SELECT pg_sleep(0.02)"),
            connection -> updates(connection, "INSERT INTO item SELECT max(id) + 1 FROM item"),
            connection -> updates(connection, "SET application_name = 'left behind'"),
            connection -> connection
                    .beginTransaction()
                    .thenMany(updates(connection, "DELETE FROM item WHERE id = 1"))
                    .thenMany(connection.rollbackTransaction()),
            connection -> connection
                    .beginTransaction(ReadOnly.TRANSACTION)
                    .thenMany(rows(connection, "SELECT id FROM item"))
                    .thenMany(connection.commitTransaction()),
            connection -> connection
                    .setStatementTimeout(Duration.ofSeconds(7))
                    .thenMany(rows(connection, "SELECT count(*) FROM item")));

    @BeforeAll
    static void createTable() {
        CLUSTER.cluster()
                .execute("CREATE TABLE item (id int); INSERT INTO item SELECT generate_series(1, 500);"
                        + " GRANT ALL ON item TO PUBLIC");
        CLUSTER.cluster().awaitReplication();
    }

    @Test
    void shouldLeaveNothingBehindWhateverIsCancelledWhenever() {
        Random random = new Random(SEED);
        RoutingConnectionFactory factory = new RoutedStatements()
                .over(CLUSTER.cluster())
                .maxSize(CONNECTIONS)
                .option(RoutingOptions.ACQUIRE_TIMEOUT, Duration.ofSeconds(20))
                .build();
        try {
            run(factory, WORK.get(0)).blockLast(LIMIT);
            Flux.range(0, CANCELS)
                    .map(number -> cancelled(factory, random))
                    .flatMap(Function.identity(), 2 * CONNECTIONS)
                    .blockLast(LIMIT);
            lookForLeftovers(factory);
        } finally {
            factory.close().block(LIMIT);
        }
    }

    private static Flux<?> cancelled(RoutingConnectionFactory factory, Random random) {
        Function<RoutingConnection, Publisher<?>> work = WORK.get(random.nextInt(WORK.size()));
        return run(factory, work).take(Duration.ofNanos(random.nextInt(4_000_000)));
    }

    private static Flux<?> run(RoutingConnectionFactory factory, Function<RoutingConnection, Publisher<?>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close);
    }

    private static void lookForLeftovers(RoutingConnectionFactory factory) {
        for (ClusterNode node : CLUSTER.cluster().nodes()) {
            EveryConnection.take(factory, node, CONNECTIONS, LIMIT);
        }
        for (Publisher<String> settings : List.of(
                settings(factory).contextWrite(Routing.primary()),
                settings(factory).contextWrite(Routing.replica()))) {
            List<String> seen = Flux.range(0, CONNECTIONS)
                    .flatMap(number -> settings, CONNECTIONS)
                    .collectList()
                    .block(LIMIT);
            assertThat(seen).as("seed %d", SEED).hasSize(CONNECTIONS).containsOnly("r2dbc-postgresql 0");
        }
        for (ClusterNode node : CLUSTER.cluster().nodes()) {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(node.query("SELECT state, query FROM pg_stat_activity"
                                    + " WHERE usename = 'app' AND state <> 'idle'"))
                            .as("seed %d", SEED)
                            .isEmpty());
            assertThat(node.query("SELECT pid FROM pg_stat_activity WHERE usename = 'app'"))
                    .as("seed %d", SEED)
                    .hasSizeLessThanOrEqualTo(CONNECTIONS);
        }
    }

    private static Mono<String> settings(RoutingConnectionFactory factory) {
        return Mono.usingWhen(
                factory.create(),
                connection -> rows(
                                connection,
                                "SELECT current_setting('application_name') || ' ' || current_setting('statement_timeout')"
                                        + " FROM (SELECT pg_sleep(0.2)) AS held")
                        .cast(String.class)
                        .single(),
                Connection::close);
    }

    private static Flux<Object> rows(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .flatMap(result -> result.map((row, metadata) -> row.get(0)));
    }

    private static Flux<Long> updates(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute()).flatMap(Result::getRowsUpdated);
    }
}
