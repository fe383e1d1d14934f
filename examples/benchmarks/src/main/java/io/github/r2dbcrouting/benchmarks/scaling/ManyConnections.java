package io.github.r2dbcrouting.benchmarks.scaling;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.measuring.Heap;
import io.github.r2dbcrouting.benchmarks.measuring.Waits;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Opens many connections to one node at once, and uses them all at the same time. */
final class ManyConnections implements AutoCloseable {

    private static final int STATEMENTS_EACH = 10;

    /** For the server's own, and the monitor's. */
    private static final int SPARE = 50;

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final int number;
    private final LocalCluster cluster;
    private final RoutingConnectionFactory factory;

    /**
     * What came of it.
     *
     * @param open how many connections the server had at a time
     * @param openedInSeconds how long it took until all were open, asked for at once
     */
    record Held(
            int open,
            double openedInSeconds,
            long statements,
            long failed,
            double seconds,
            double medianMillis,
            double longestMillis,
            double bytes) {}

    ManyConnections(Database database, int number) {
        this.number = number;
        cluster = database.cluster()
                .replicas(0)
                .setting("max_connections", Integer.toString(number + SPARE))
                .start();
        factory = database.routing(cluster)
                .maxSize(number)
                .option(RoutingOptions.ACQUIRE_TIMEOUT, LIMIT)
                .option(RoutingOptions.EXCHANGE_TIMEOUT, LIMIT)
                .build();
    }

    /** Each connection runs a statement of its own at the same time as all others, again and again, in one transaction. */
    Held hold() {
        one(factory);
        long before = Heap.used();
        AtomicLong failed = new AtomicLong();
        long asked = System.nanoTime();
        List<Connection> held = Objects.requireNonNull(Flux.range(0, number)
                .flatMap(
                        nth -> factory.create()
                                .flatMap(connection -> Mono.from(connection.beginTransaction())
                                        .then(select(connection))
                                        .thenReturn(connection)
                                        .cast(Connection.class))
                                .onErrorResume(error -> failed(failed, error)),
                        number)
                .collectList()
                .block(LIMIT));
        double openedInSeconds = (System.nanoTime() - asked) / 1e9;
        double bytes = (Heap.used() - before) / (double) number;
        int open = open();
        Waits waits = new Waits();
        long begin = System.nanoTime();
        Long statements = Flux.fromIterable(held)
                .flatMap(
                        connection -> waits.timed(select(connection))
                                .onErrorResume(error -> failed(failed, error))
                                .repeat(STATEMENTS_EACH - 1L)
                                .count(),
                        number)
                .reduce(0L, Long::sum)
                .block(LIMIT);
        double seconds = (System.nanoTime() - begin) / 1e9;
        Flux.fromIterable(held)
                .flatMap(connection -> Mono.from(connection.rollbackTransaction())
                        .then(Mono.from(connection.close()))
                        .onErrorResume(error -> failed(failed, error)))
                .blockLast(LIMIT);
        return new Held(
                open,
                openedInSeconds,
                statements == null ? 0 : statements,
                failed.get(),
                seconds,
                waits.millis().median(),
                waits.millis().quantile(1),
                bytes);
    }

    private static <T> Mono<T> failed(AtomicLong count, Throwable error) {
        if (count.getAndIncrement() == 0) {
            System.err.println("the first of those that failed: " + error);
        }
        return Mono.empty();
    }

    private static void one(RoutingConnectionFactory factory) {
        Mono.usingWhen(factory.create(), ManyConnections::select, Connection::close)
                .block(LIMIT);
    }

    private static Mono<Long> select(Connection connection) {
        return Flux.from(connection.createStatement("SELECT 1").execute())
                .concatMap(Result::getRowsUpdated)
                .then(Mono.just(1L));
    }

    private int open() {
        ClusterNode primary = cluster.primary();
        return Integer.parseInt(Objects.requireNonNull(
                primary.query("SELECT count(*) FROM pg_stat_activity WHERE usename = '" + cluster.username() + "'")
                        .get(0)
                        .get(0)));
    }

    @Override
    public void close() {
        try (cluster) {
            factory.close().block(LIMIT);
        }
    }
}
