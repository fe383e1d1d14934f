package io.github.r2dbcrouting.benchmarks.scaling;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.load.ReadForm;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Result;
import java.util.function.IntFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What is done on replicas whose number grows. */
enum ScalingLoad {
    READS("reads", 0),
    MIXED("90 % reads, 10 % writes", 10);

    private final String text;
    private final int writesOfHundred;

    ScalingLoad(String text, int writesOfHundred) {
        this.text = text;
        this.writesOfHundred = writesOfHundred;
    }

    /** Returns operations by keys from 0 to {@link PointReads#KEYS} - 1. */
    IntFunction<Mono<String>> on(ConnectionFactory factory, Database database) {
        PointReads reads = new PointReads(factory, database);
        String update = "UPDATE item SET name = name WHERE id = " + database.placeholder(0);
        return key -> key % 100 < writesOfHundred ? write(factory, update, key) : reads.read(key, ReadForm.PLAIN);
    }

    private static Mono<String> write(ConnectionFactory factory, String update, int key) {
        return Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection
                                        .createStatement(update)
                                        .bind(0, key)
                                        .execute())
                                .flatMap(Result::getRowsUpdated),
                        Connection::close,
                        (connection, error) -> connection.close(),
                        Connection::close)
                .single()
                .map(rows -> "written");
    }

    @Override
    public String toString() {
        return text;
    }
}
