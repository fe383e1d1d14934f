package io.github.r2dbcrouting.demo;

import io.r2dbc.postgresql.api.PostgresTransactionDefinition;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Row;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.TransactionDefinition;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * An application's data access: plain R2DBC that does not know of any routing. With Spring it would be a repository, and
 * as little of it would change.
 */
final class Items {

    static final String CREATE_TABLE = "CREATE TABLE item (id serial PRIMARY KEY, name text NOT NULL)";
    static final String FIND_NAME = "SELECT name FROM item WHERE id = $1";
    static final String COUNT = "SELECT count(*) FROM item";
    static final String NEWEST = "SELECT max(id) FROM item";
    static final String ADD = "INSERT INTO item (name) VALUES ($1)";

    private static final TransactionDefinition READ_ONLY = PostgresTransactionDefinition.mutability(false);

    private final ConnectionFactory connections;

    Items(ConnectionFactory connections) {
        this.connections = connections;
    }

    /** Creates the table with items named {@code item 1} to {@code item n}. */
    Mono<Void> create(int n) {
        return inConnection(connection -> update(connection, CREATE_TABLE)
                .thenMany(Flux.range(1, n))
                .concatMap(id -> update(connection, ADD, "item " + id))
                .then());
    }

    /** Runs a statement of the schema, such as one that creates a function. */
    Mono<Long> define(String sql) {
        return inConnection(connection -> update(connection, sql));
    }

    Mono<String> name(int id) {
        return inConnection(connection -> one(connection, FIND_NAME, Items::text, id));
    }

    Mono<Long> add(String name) {
        return inConnection(connection -> update(connection, ADD, name));
    }

    Mono<Long> count() {
        return inConnection(connection -> one(connection, COUNT, Items::number));
    }

    /** Reads twice in one read-only transaction, and so from one node. */
    Mono<String> report() {
        return inConnection(connection -> Mono.from(connection.beginTransaction(READ_ONLY))
                .then(Mono.zip(
                        one(connection, COUNT, Items::number),
                        one(connection, NEWEST, Items::number),
                        (count, newest) -> count + " items, the newest is number " + newest))
                .flatMap(report -> Mono.from(connection.commitTransaction()).thenReturn(report)));
    }

    /** Takes a connection for one piece of work; closing it ends whatever the work has left open. */
    private <T> Mono<T> inConnection(Function<Connection, Mono<T>> work) {
        return Mono.usingWhen(connections.create(), work, Connection::close);
    }

    private static <T> Mono<T> one(Connection connection, String sql, Function<Row, T> mapping, Object... values) {
        return Flux.defer(() -> bind(connection, sql, values).execute())
                .concatMap(result -> result.map((row, metadata) -> mapping.apply(row)))
                .single();
    }

    private static Mono<Long> update(Connection connection, String sql, Object... values) {
        return Flux.defer(() -> bind(connection, sql, values).execute())
                .concatMap(Result::getRowsUpdated)
                .reduce(0L, Long::sum);
    }

    private static Statement bind(Connection connection, String sql, Object... values) {
        Statement statement = connection.createStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.bind(i, values[i]);
        }
        return statement;
    }

    private static String text(Row row) {
        String text = row.get(0, String.class);
        return text == null ? "" : text;
    }

    private static long number(Row row) {
        Number number = row.get(0, Number.class);
        return number == null ? 0 : number.longValue();
    }
}
