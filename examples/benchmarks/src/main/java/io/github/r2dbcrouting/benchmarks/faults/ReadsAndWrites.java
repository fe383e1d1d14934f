package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.load.ReadForm;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad.Ended;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads of one row, cancelled by it as every {@code findById} is, and writes, of which every fourth is in a transaction. */
final class ReadsAndWrites {

    private final RoutingConnectionFactory factory;
    private final PointReads reads;

    ReadsAndWrites(RoutingConnectionFactory factory, Database database) {
        this.factory = factory;
        this.reads = new PointReads(factory, database);
    }

    /** Creates what is read and written, and waits for the replicas. */
    static void prepare(LocalCluster cluster) {
        PointReads.prepare(cluster);
        cluster.execute("CREATE TABLE written (number int)");
        cluster.awaitReplication();
    }

    /** Begins both at rates of their own; each rate is a multiple of 100, and many threads tell of what is over. */
    Running begin(int readsPerSecond, Consumer<Ended> read, int writesPerSecond, Consumer<Ended> written) {
        return new Running(
                new SteadyLoad(this::read, readsPerSecond, read),
                new SteadyLoad(this::write, writesPerSecond, written));
    }

    /** Both of them, under way. */
    record Running(SteadyLoad reading, SteadyLoad writing) {

        /** Begins no more, and waits for those that run. */
        void finish() throws InterruptedException {
            reading.finish();
            writing.finish();
        }

        /** Looks, when both have finished, whether they kept to their rates; see {@link SteadyLoad#requireRate()}. */
        void requireRates() {
            reading.requireRate();
            writing.requireRate();
        }
    }

    Mono<String> read(int key) {
        return reads.read(key, ReadForm.FIND_BY_ID);
    }

    Mono<Void> write(int key) {
        String sql = "INSERT INTO written (number) VALUES (" + key + ")";
        return Flux.usingWhen(
                        factory.create(),
                        connection -> key % 4 > 0 ? execute(connection, sql) : transaction(connection, sql),
                        RoutingConnection::close)
                .then();
    }

    private static Flux<Long> transaction(RoutingConnection connection, String sql) {
        return connection
                .beginTransaction()
                .thenMany(execute(connection, sql))
                .concatWith(connection.commitTransaction().cast(Long.class));
    }

    private static Flux<Long> execute(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute()).flatMap(Result::getRowsUpdated);
    }
}
