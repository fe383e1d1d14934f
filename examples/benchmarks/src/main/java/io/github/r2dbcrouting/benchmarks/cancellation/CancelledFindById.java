package io.github.r2dbcrouting.benchmarks.cancellation;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.connection.RoutingConnection;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads of one row of which none comes to its end: half of them are cancelled by their first row, as every
 * {@code findById} of Spring Data is, and half at a random moment. Each that comes so far tells which connection it had.
 */
final class CancelledFindById {

    private static final int CONCURRENCY = 2 * CancellationRun.CONNECTIONS;
    private static final long LATEST_CANCEL = Duration.ofMillis(2).toNanos();
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final RoutingConnectionFactory factory;
    private final String sql;
    private final Random random;
    private final Set<String> sessions = ConcurrentHashMap.newKeySet();

    CancelledFindById(RoutingConnectionFactory factory, Database database, long seed) {
        this.factory = factory;
        this.sql = "SELECT id, " + database.sessionId() + " FROM item WHERE id = " + database.placeholder(0);
        this.random = new Random(seed);
    }

    /** Returns the share of reads, in percent, that did not cost their connection. */
    double kept(int reads) {
        Flux.range(0, reads)
                .map(number -> number % 2 == 0 ? first() : cut())
                .flatMap(Function.identity(), CONCURRENCY)
                .blockLast(LIMIT);
        int reconnects = Math.max(0, sessions.size() - CancellationRun.CONNECTIONS);
        return 100.0 * (reads - reconnects) / reads;
    }

    private Mono<Void> first() {
        return read().next().then();
    }

    private Mono<Void> cut() {
        Duration time = Duration.ofNanos((long) (random.nextDouble() * LATEST_CANCEL));
        return read().takeUntilOther(Mono.delay(time)).then();
    }

    private Flux<String> read() {
        return Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection
                                        .createStatement(sql)
                                        .bind(0, 7)
                                        .execute())
                                .flatMap(result -> result.map((row, metadata) -> String.valueOf(row.get(1)))),
                        RoutingConnection::close)
                .doOnNext(sessions::add)
                .contextWrite(Routing.replica());
    }
}
