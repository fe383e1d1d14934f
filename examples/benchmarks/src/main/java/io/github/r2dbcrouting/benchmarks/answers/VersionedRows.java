package io.github.r2dbcrouting.benchmarks.answers;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Result;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Rows whose versions only grow, so that whoever reads a lower one than was written before has read something stale. */
public final class VersionedRows {

    /** Far more than sessions at once, each of which has a row of its own. */
    public static final int KEYS = 1_000;

    private final String writing;
    private final String reading;
    private final AtomicLong lastVersion = new AtomicLong();
    private final AtomicLong lastKey = new AtomicLong();

    VersionedRows(Database database) {
        writing = "UPDATE note SET version = " + database.placeholder(0) + " WHERE id = " + database.placeholder(1);
        reading = "SELECT version FROM note WHERE id = " + database.placeholder(0);
    }

    /** Creates the rows and waits for the replicas. */
    public static void prepare(LocalCluster cluster) {
        cluster.execute("CREATE TABLE note (id int PRIMARY KEY, version bigint NOT NULL)");
        cluster.execute("INSERT INTO note (id, version) VALUES "
                + IntStream.range(0, KEYS).mapToObj(key -> "(" + key + ", 0)").collect(Collectors.joining(", ")));
        cluster.awaitReplication();
    }

    public long nextVersion() {
        return lastVersion.incrementAndGet();
    }

    /** Returns a key that was not given out for long. */
    public int nextKey() {
        return (int) (lastKey.incrementAndGet() % KEYS);
    }

    public Mono<Void> write(Connection connection, int key, long version) {
        return Flux.from(connection
                        .createStatement(writing)
                        .bind(0, version)
                        .bind(1, key)
                        .execute())
                .flatMap(Result::getRowsUpdated)
                .doOnNext(rows -> {
                    if (rows != 1) {
                        throw new IllegalStateException(rows + " rows have the key " + key);
                    }
                })
                .then();
    }

    public Mono<Long> read(Connection connection, int key) {
        return single(connection.createStatement(reading).bind(0, key).execute(), Long.class);
    }

    /** Returns the first column of the only row. */
    static <T> Mono<T> single(Publisher<? extends Result> results, Class<T> type) {
        return Flux.from(results)
                .flatMap(result -> result.map((row, metadata) -> row.get(0, type)))
                .collectList()
                .map(rows -> {
                    if (rows.size() != 1) {
                        throw new IllegalStateException("expected one row, got " + rows.size());
                    }
                    return rows.get(0);
                });
    }

    /** Does something on a connection of its own, as Spring does with each statement. */
    public static <T> Mono<T> on(ConnectionFactory factory, Function<Connection, Mono<T>> work) {
        return Mono.usingWhen(
                factory.create(),
                work,
                Connection::close,
                (connection, error) -> connection.close(),
                Connection::close);
    }
}
