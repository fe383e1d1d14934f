package io.github.r2dbcrouting.demo;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.services.StatementRoute;
import io.r2dbc.postgresql.api.PostgresTransactionDefinition;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Runs one statement of each kind and shows where it went. */
final class Tour {

    static final String CREATE_FUNCTION = "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'";

    static final String READ = "SELECT name FROM item WHERE id = 1";
    private static final String LOCK = READ + " FOR UPDATE";
    private static final String CHANGE = "UPDATE item SET name = 'item 1' WHERE id = 1";
    private static final String SEQUENCE = "SELECT nextval('item_id_seq')";
    private static final String FUNCTION = "SELECT twice(21)";

    private final ConnectionFactory connections;
    private final RouteLog routes;
    private final Page page;
    private final Duration limit;

    Tour(ConnectionFactory connections, RouteLog routes, Page page, Duration limit) {
        this.connections = connections;
        this.routes = routes;
        this.page = page;
        this.limit = limit;
    }

    void run() {
        show("A query", connection -> execute(connection, READ));
        show("A change", connection -> execute(connection, CHANGE));
        show("A query that takes a lock", connection -> execute(connection, LOCK));
        show("A query that draws a number from a sequence", connection -> execute(connection, SEQUENCE));
        show("A function the router does not know: it might write", connection -> execute(connection, FUNCTION));
        show(
                "The same with a hint: the chain ends with .contextWrite(Routing.replica())",
                connection -> execute(connection, FUNCTION).contextWrite(Routing.replica()));
        show(
                "A query with the hint Routing.primary()",
                connection -> execute(connection, READ).contextWrite(Routing.primary()));
        show(
                "A query behind a change, on the same connection",
                connection -> execute(connection, CHANGE).then(execute(connection, READ)));
        show("A transaction", connection -> transaction(connection, definition -> definition.readWrite()));
        show("A read-only transaction", connection -> transaction(connection, definition -> definition.readOnly()));
    }

    private void show(String kind, Function<Connection, Mono<Void>> work) {
        List<StatementRoute> routed = routes.record(() ->
                Mono.usingWhen(connections.create(), work, Connection::close).block(limit));
        page.blank();
        page.line(kind);
        for (StatementRoute route : routed) {
            page.line("  " + route.sql());
            page.line("    " + (route.decision() == null ? route.node() + ": " + route.reason() : route.decision()));
        }
    }

    private static Mono<Void> transaction(
            Connection connection, UnaryOperator<PostgresTransactionDefinition> definition) {
        return Mono.from(connection.beginTransaction(definition.apply(PostgresTransactionDefinition.mutability(true))))
                .then(execute(connection, READ))
                .then(Mono.from(connection.commitTransaction()));
    }

    private static Mono<Void> execute(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .then();
    }
}
