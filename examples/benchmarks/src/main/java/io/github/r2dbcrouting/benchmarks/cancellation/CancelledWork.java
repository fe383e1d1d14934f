package io.github.r2dbcrouting.benchmarks.cancellation;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.ReadOnlyTransaction;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** What is cancelled: everything that an application does with a connection, most of it often and some of it rarely. */
final class CancelledWork {

    private static final int KEYS = 1_000;
    private static final int PIECE = 50;
    private static final Duration TIMEOUT = Duration.ofSeconds(70);

    private final List<Kind> kinds;
    private final int weights;

    /** One kind of work, and how often it is done among all. */
    private record Kind(int weight, Work work) {}

    /** Something done with a connection. */
    interface Work {

        Publisher<?> with(RoutingConnection connection);
    }

    private CancelledWork(List<Kind> kinds) {
        this.kinds = kinds;
        this.weights = kinds.stream().mapToInt(Kind::weight).sum();
    }

    static void prepare(LocalCluster cluster) {
        cluster.execute("CREATE TABLE item (id int PRIMARY KEY, name varchar(40) NOT NULL)");
        cluster.execute("INSERT INTO item (id, name) VALUES "
                + IntStream.range(0, KEYS)
                        .mapToObj(key -> "(" + key + ", 'name')")
                        .collect(Collectors.joining(", ")));
        cluster.execute("CREATE TABLE written (number int)");
        cluster.awaitReplication();
    }

    static CancelledWork on(Database database) {
        boolean postgresql = database == Database.POSTGRESQL;
        String one = "SELECT id, name FROM item WHERE id = " + database.placeholder(0);
        String slow = postgresql ? "SELECT pg_sleep(2)" : "SELECT SLEEP(2)";
        String slowWrite = postgresql
                ? "INSERT INTO written SELECT 2 FROM pg_sleep(0.03)"
                : "INSERT INTO written SELECT 2 + SLEEP(0.03)";
        String returning = "INSERT INTO written (number) VALUES (1) RETURNING number";
        List<String> traces = postgresql
                ? List.of(
                        "SET application_name = 'left behind'",
                        "SELECT pg_try_advisory_lock(4711)",
                        "CREATE TEMPORARY TABLE IF NOT EXISTS left_behind (id int)")
                : List.of(
                        "SET @left_behind = 1",
                        "SELECT GET_LOCK('left behind', 0)",
                        "SET SESSION max_statement_time = 77");
        return new CancelledWork(List.of(
                new Kind(20, connection -> rows(connection.createStatement(one).bind(0, 7))),
                new Kind(
                        20,
                        connection ->
                                rows(connection.createStatement(one).bind(0, 7)).next()),
                new Kind(10, connection -> rows(connection.createStatement("SELECT id, name FROM item"))),
                new Kind(
                        5,
                        connection -> rows(connection
                                .createStatement("SELECT a.id, a.name FROM item a, item b WHERE b.id < 20")
                                .fetchSize(PIECE))),
                new Kind(3, connection -> rows(connection.createStatement(slow))),
                new Kind(10, connection -> updates(connection, "INSERT INTO written (number) VALUES (1)")),
                new Kind(
                        5,
                        connection ->
                                rows(connection.createStatement(returning)).next()),
                new Kind(2, connection -> updates(connection, slowWrite)),
                new Kind(
                        10,
                        connection -> Flux.from(connection.beginTransaction())
                                .thenMany(updates(connection, "INSERT INTO written (number) VALUES (3)"))
                                .thenMany(rows(connection.createStatement("SELECT count(*) FROM item")))
                                .thenMany(connection.commitTransaction())),
                new Kind(
                        2,
                        connection -> Flux.from(connection.beginTransaction())
                                .thenMany(updates(connection, "INSERT INTO written (number) VALUES (4)"))
                                .thenMany(rows(connection.createStatement(slow))
                                        .takeUntilOther(Flux.interval(Duration.ofMillis(2))
                                                .next()))
                                .thenMany(connection.rollbackTransaction())),
                new Kind(
                        6,
                        connection -> Flux.from(connection.beginTransaction(ReadOnlyTransaction.DEFINITION))
                                .thenMany(rows(connection.createStatement("SELECT count(*) FROM item")))
                                .thenMany(connection.commitTransaction())),
                new Kind(
                        3,
                        connection -> connection
                                .setStatementTimeout(TIMEOUT)
                                .thenMany(connection.setTransactionIsolationLevel(IsolationLevel.SERIALIZABLE))
                                .thenMany(rows(connection.createStatement("SELECT count(*) FROM item")))),
                new Kind(4, connection -> Flux.fromIterable(traces).concatMap(trace -> updates(connection, trace)))));
    }

    /** Picks one by its weight. */
    Work pick(Random random) {
        int place = random.nextInt(weights);
        for (Kind kind : kinds) {
            place -= kind.weight();
            if (place < 0) {
                return kind.work();
            }
        }
        throw new IllegalStateException("the weights do not add up");
    }

    private static Flux<?> rows(Statement statement) {
        return Flux.defer(statement::execute)
                .flatMap(result -> result.map((row, metadata) -> String.valueOf(row.get(0))));
    }

    private static Flux<Long> updates(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute()).flatMap(Result::getRowsUpdated);
    }
}
