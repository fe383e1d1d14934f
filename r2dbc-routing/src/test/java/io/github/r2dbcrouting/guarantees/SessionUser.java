package io.github.r2dbcrouting.guarantees;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Somebody whose statements belong to one session, and run each on a connection of its own unless they say otherwise. */
final class SessionUser {

    /** How long reads wait for replicas, most of which do not replay here. */
    static final Duration PATIENCE = Duration.ofMillis(50);

    private final RoutingConnectionFactory factory;
    private final ConsistencySession session;
    private final Consistency level;

    SessionUser(RoutingConnectionFactory factory, Consistency level) {
        this(factory, level, ConsistencySession.create());
    }

    SessionUser(RoutingConnectionFactory factory, Consistency level, ConsistencySession session) {
        this.factory = factory;
        this.level = level;
        this.session = session;
    }

    /**
     * What a read has shown.
     *
     * @param numbers its rows
     * @param node where it ran
     */
    record Seen(List<Long> numbers, String node) {}

    /** Returns a cold {@link Mono} of how many rows a statement has changed. */
    Mono<Long> write(String sql) {
        return use(connection -> updated(connection, sql)).reduce(0L, Long::sum);
    }

    /** Returns a cold {@link Mono} of the numbers that a query shows. */
    Mono<Seen> read(String sql) {
        return Mono.defer(() -> {
            AtomicReference<String> node = new AtomicReference<>("nowhere");
            return use(connection -> numbers(connection, sql))
                    .collectList()
                    .contextWrite(Routing.explain(decision -> node.set(String.valueOf(
                            decision.node() == null ? null : decision.node().id()))))
                    .map(numbers -> new Seen(numbers, node.get()));
        });
    }

    /** Returns a cold {@link Flux} of what is done with one connection. */
    <T> Flux<T> use(Function<RoutingConnection, Publisher<T>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close)
                .contextWrite(Routing.session(session))
                .contextWrite(Routing.consistency(level));
    }

    static Flux<Long> updated(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute()).concatMap(Result::getRowsUpdated);
    }

    static Flux<Long> numbers(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0, Long.class)));
    }
}
