package io.github.r2dbcrouting.membership;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Reads, and a write now and then, by several users without a pause, until it is stopped. */
final class Traffic implements AutoCloseable {

    private static final int USERS = 4;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong statements = new AtomicLong();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Mono<Void> ended;
    private final Disposable running;

    Traffic(ConnectionFactory factory) {
        Flux<Void> users = Flux.range(0, USERS)
                .flatMap(user -> Mono.defer(() -> statement(factory, user))
                        .subscribeOn(Schedulers.parallel())
                        .repeat(() -> !stopped.get()));
        this.ended = users.then().cache();
        this.running = ended.subscribe(null, failures::add);
    }

    private Mono<Void> statement(ConnectionFactory factory, int user) {
        long number = statements.incrementAndGet();
        String sql = number % 20 == 0
                ? "UPDATE visit SET n = n + 1 WHERE id = " + user
                : "SELECT n FROM visit WHERE id = " + user;
        return Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .concatMap(Result::getRowsUpdated),
                        Connection::close)
                .then()
                .onErrorResume(error -> {
                    failures.add(error);
                    return Mono.empty();
                });
    }

    long statements() {
        return statements.get();
    }

    /** Returns what has failed so far. */
    List<Throwable> failures() {
        return failures;
    }

    @Override
    public void close() {
        stopped.set(true);
        ended.block(LIMIT);
        running.dispose();
    }
}
