package io.github.r2dbcrouting.benchmarks.load;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads of one row by its key through a connection factory, composed as Spring's {@code DatabaseClient} does: create,
 * create the statement, bind, execute, map, close.
 */
public final class PointReads {

    public static final int KEYS = 1_000;

    private final ConnectionFactory factory;
    private final String sql;

    public PointReads(ConnectionFactory factory, Database database) {
        this(factory, database, "item");
    }

    /**
     * Reads from what shows the same.
     *
     * @param table the name of a table or a view
     */
    public PointReads(ConnectionFactory factory, Database database, String table) {
        this.factory = factory;
        this.sql = "SELECT name FROM " + table + " WHERE id = " + database.placeholder(0);
    }

    /** Creates what is read. */
    public static void prepare(LocalCluster cluster) {
        cluster.execute("CREATE TABLE item (id int PRIMARY KEY, name varchar(40) NOT NULL)");
        String rows = IntStream.range(0, KEYS)
                .mapToObj(key -> "(" + key + ", '" + name(key) + "')")
                .collect(Collectors.joining(", "));
        cluster.execute("INSERT INTO item (id, name) VALUES " + rows);
    }

    /** Returns a cold read of the row of a key, from 0 to {@link #KEYS} - 1; it fails if another row comes. */
    public Mono<String> read(int key, ReadForm form) {
        return form.end(Flux.usingWhen(
                        factory.create(),
                        connection -> rows(connection, key),
                        Connection::close,
                        (connection, error) -> connection.close(),
                        Connection::close))
                .doOnNext(name -> check(key, name));
    }

    private Flux<String> rows(Connection connection, int key) {
        return Flux.from(connection.createStatement(sql).bind(0, key).execute())
                .flatMap(result -> result.map((row, metadata) -> row.get(0, String.class)));
    }

    private static void check(int key, String name) {
        if (!name.endsWith(Integer.toString(key))) {
            throw new IllegalStateException("read '" + name + "' under the key " + key);
        }
    }

    private static String name(int key) {
        return "the item with the number " + key;
    }
}
