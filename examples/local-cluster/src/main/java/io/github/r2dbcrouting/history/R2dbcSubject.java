package io.github.r2dbcrouting.history;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.TransactionDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** A table behind a connection factory: each statement or transaction on a connection of its own, as without any framework. */
public final class R2dbcSubject implements Subject {

    private static final Duration IDLE = Duration.ofMillis(150);

    private static final TransactionDefinition READ_ONLY = new TransactionDefinition() {
        @Override
        public <T> @Nullable T getAttribute(Option<T> option) {
            return option.equals(TransactionDefinition.READ_ONLY) ? option.cast(true) : null;
        }
    };

    private static final AtomicInteger LAST_SERIES = new AtomicInteger();

    private final ConnectionFactory factory;
    private final SessionHints hints;
    private final LocalCluster cluster;
    private final Lock calm;
    private final String insert;
    private final String select;

    /** Keys that nobody has used before: a replica may come back with what was there long ago. */
    private final int series = LAST_SERIES.incrementAndGet();

    /**
     * Creates it over a table that {@link #createTable} has created.
     *
     * @param factory what is tested
     * @param cluster where the truth is
     * @param calm held while something is wrong with the cluster
     */
    public R2dbcSubject(ConnectionFactory factory, SessionHints hints, LocalCluster cluster, Lock calm) {
        this.factory = factory;
        this.hints = hints;
        this.cluster = cluster;
        this.calm = calm;
        boolean numbered = factory.getMetadata().getName().equals("PostgreSQL");
        insert = "INSERT INTO entry VALUES (" + series + (numbered ? ", $1, $2)" : ", ?, ?)");
        select = "SELECT number FROM entry WHERE series = " + series + " AND place = " + (numbered ? "$1" : "?");
    }

    /** Creates the table on all nodes, for any number of subjects. */
    public static void createTable(LocalCluster cluster) {
        cluster.execute(
                "CREATE TABLE entry (series int, place int, number bigint, PRIMARY KEY (series, place, number))");
        cluster.awaitReplication();
    }

    @Override
    public Session open() {
        return new TableSession(hints.newSession());
    }

    @Override
    public Map<Integer, long[]> truth(int from, int to) {
        Map<Integer, List<Long>> values = new HashMap<>();
        calm.lock();
        try {
            cluster.primary()
                    .query("SELECT place, number FROM entry WHERE series = " + series + " AND place >= " + from
                            + " AND place < " + to)
                    .forEach(row -> values.computeIfAbsent(number(row.get(0)).intValue(), key -> new ArrayList<>())
                            .add(number(row.get(1))));
        } finally {
            calm.unlock();
        }
        Map<Integer, long[]> truth = new HashMap<>();
        for (int key = from; key < to; key++) {
            truth.put(
                    key,
                    values.getOrDefault(key, List.of()).stream()
                            .mapToLong(Long::longValue)
                            .toArray());
        }
        return truth;
    }

    private static Long number(@Nullable String text) {
        return Long.valueOf(Objects.requireNonNull(text));
    }

    private boolean isPrimary(List<String> nodes) {
        return !nodes.isEmpty()
                && nodes.get(nodes.size() - 1).equals(cluster.primary().name());
    }

    private <T> Flux<T> use(Function<Connection, Publisher<T>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close);
    }

    private final class TableSession implements Session {

        private final UnaryOperator<Context> session;

        private TableSession(UnaryOperator<Context> session) {
            this.session = session;
        }

        @Override
        public Flux<?> add(int key, long value, AddKind kind) {
            Flux<?> added = switch (kind) {
                case STATEMENT -> use(connection -> count(adding(connection, insert, key, value)));
                // Row by row, so that the server sends the row before it commits.
                case RETURNING ->
                    use(connection -> numbers(adding(connection, insert + " RETURNING number", key, value)
                            .fetchSize(1)));
                case TRANSACTION -> use(connection -> transaction(connection, key, value, Duration.ZERO));
                case IDLE_TRANSACTION -> use(connection -> transaction(connection, key, value, IDLE));
            };
            return added.contextWrite(session);
        }

        private static Statement adding(Connection connection, String sql, int key, long value) {
            return connection.createStatement(sql).bind(0, key).bind(1, value);
        }

        private static Flux<Long> count(Statement statement) {
            return Flux.from(statement.execute()).concatMap(Result::getRowsUpdated);
        }

        private static Flux<Long> numbers(Statement statement) {
            return Flux.from(statement.execute())
                    .concatMap(result -> result.map((row, metadata) -> Objects.requireNonNull(row.get(0, Long.class))));
        }

        private Mono<Boolean> transaction(Connection connection, int key, long value, Duration idle) {
            return Mono.from(connection.beginTransaction())
                    .thenMany(Flux.defer(() -> count(adding(connection, insert, key, value))))
                    .then(idle.isZero() ? Mono.empty() : Mono.delay(idle).then())
                    .then(Mono.defer(() -> Mono.from(connection.commitTransaction())))
                    .thenReturn(true);
        }

        @Override
        public Mono<Reading> read(int key, ReadKind kind) {
            return Mono.defer(() -> {
                List<String> nodes = new ArrayList<>();
                Function<Connection, Publisher<Reading>> work = kind == ReadKind.TRANSACTION
                        ? connection -> Mono.from(connection.beginTransaction(READ_ONLY))
                                .then(Mono.defer(() -> reading(connection, key, nodes)))
                                .flatMap(reading -> Mono.from(connection.commitTransaction())
                                        .thenReturn(reading))
                        : connection -> reading(connection, key, nodes);
                return use(work).single().contextWrite(context -> {
                    Context here = hints.noting(session.apply(context), nodes::add);
                    return kind == ReadKind.LATEST ? hints.latest(here) : here;
                });
            });
        }

        private Mono<Reading> reading(Connection connection, int key, List<String> nodes) {
            return numbers(connection.createStatement(select).bind(0, key))
                    .collectList()
                    .map(values -> new Reading(
                            values.stream().mapToLong(Long::longValue).toArray(),
                            System.nanoTime(),
                            isPrimary(nodes),
                            "on " + String.join(", then ", nodes)));
        }
    }
}
