package io.github.r2dbcrouting.benchmarks.cancellation;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.ReadOnlyTransaction;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.AcquireTimeoutException;
import io.github.r2dbcrouting.services.AbandonedExchanges;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.retry.Retry;

/** Cancels work at random moments while others borrow the same connections, who look for whatever was left behind. */
final class CancellationRun implements AutoCloseable {

    static final int CONNECTIONS = 6;

    private static final int CONCURRENCY = 3 * CONNECTIONS;
    private static final int BATCH = 5_000;
    private static final Duration LONGEST_BATCH = Duration.ofMinutes(5);
    private static final Duration LONGEST_LOAN = Duration.ofSeconds(20);
    private static final long LATEST_CANCEL = Duration.ofMillis(4).toNanos();
    /** Statements that are cancelled sleep for twice as long. */
    private static final long LONGEST_WAIT = Duration.ofSeconds(1).toNanos();

    private final LocalCluster cluster;
    private final RoutingConnectionFactory factory;
    private final Database database;
    private final CancelledWork work;
    private final SessionAudit audit;
    private final ServerLog log;
    private final Random random;
    private final LongAdder cancels = new LongAdder();
    private final LongAdder audits = new LongAdder();
    private final LongAdder waited = new LongAdder();
    private final LongAccumulator slowest = new LongAccumulator(Math::max, 0);
    private final Queue<String> altered = new ConcurrentLinkedQueue<>();
    private final Queue<String> hit = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failedWork = new ConcurrentLinkedQueue<>();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private int leaked;

    CancellationRun(Database database, long seed) {
        this.database = database;
        cluster = database.cluster().replicas(1).start();
        CancelledWork.prepare(cluster);
        factory = database.routing(cluster)
                .maxSize(CONNECTIONS)
                .option(RoutingOptions.INITIAL_SIZE, CONNECTIONS)
                .option(RoutingOptions.ACQUIRE_TIMEOUT, LONGEST_LOAN)
                .build();
        work = CancelledWork.on(database);
        audit = SessionAudit.on(database);
        log = ServerLog.of(database);
        random = new Random(seed);
    }

    /**
     * What was seen.
     *
     * @param cancels how much work was cancelled before its end
     * @param audits how many borrowers looked at their session
     * @param leaked connections that could not be had any more
     * @param altered sessions that were not as new
     * @param waited borrowers that waited for longer than a second
     * @param slowest how long the slowest of them waited, in milliseconds
     * @param hit statements of others, or writes, that a cancel has ended
     * @param failed what failed besides
     * @param abandoned what became of the exchanges that were cancelled
     */
    record Findings(
            long cancels,
            long audits,
            int leaked,
            List<String> altered,
            long waited,
            double slowest,
            List<String> hit,
            List<String> failed,
            AbandonedExchanges abandoned) {}

    RoutingConnectionFactory factory() {
        return factory;
    }

    /** Goes on until so many more have been cancelled. */
    void cancel(int times) {
        long goal = cancels.sum() + times;
        while (cancels.sum() < goal) {
            Flux.range(0, BATCH)
                    .map(number -> number % 10 == 9 ? borrower(number % 20 == 9) : cancelled(failedWork))
                    .flatMap(Function.identity(), CONCURRENCY)
                    .blockLast(LONGEST_BATCH);
            lookForLeaks();
        }
    }

    /** The same while connections to the replica are killed, so that reads are cancelled that run again elsewhere. */
    void cancelDuringFailOver(int times) {
        Queue<Throwable> expected = new ConcurrentLinkedQueue<>();
        ClusterNode replica = cluster.replicas().get(0);
        Disposable killing = Flux.interval(Duration.ofMillis(50))
                .onBackpressureDrop()
                .concatMap(
                        tick -> Mono.fromRunnable(() -> killOne(replica)).subscribeOn(Schedulers.boundedElastic()), 1)
                .subscribe(null, error -> failed.add("killing connections: " + error));
        long goal = cancels.sum() + times;
        try {
            while (cancels.sum() < goal) {
                Flux.range(0, CONCURRENCY * 10)
                        .map(number -> number % 10 == 9 ? borrower(true) : cancelled(expected))
                        .flatMap(Function.identity(), CONCURRENCY)
                        .blockLast(LONGEST_BATCH);
            }
        } finally {
            killing.dispose();
        }
        for (Throwable error : expected) {
            if (isCancelled(error)) {
                hit.add("while connections were killed: " + error);
            } else if (!isLost(error)) {
                failed.add("while connections were killed: " + error);
            }
        }
        lookForLeaks();
    }

    private void killOne(ClusterNode replica) {
        List<List<String>> sessions = replica.query(database.sessionsOf(cluster.username()));
        if (!sessions.isEmpty()) {
            String session = sessions.get(ThreadLocalRandom.current().nextInt(sessions.size()))
                    .get(0);
            replica.execute(database.killing(session));
        }
    }

    /** By time or by the number of signals, so that no step is spared. */
    private Mono<Void> cancelled(Queue<Throwable> problems) {
        CancelledWork.Work picked = work.pick(random);
        boolean closingToo = random.nextInt(10) == 0;
        int rows = random.nextInt(4);
        Duration time = Duration.ofNanos((long) (random.nextDouble() * random.nextDouble() * LATEST_CANCEL));
        Flux<?> run = Flux.usingWhen(
                        factory.create(),
                        picked::with,
                        connection -> closingToo ? cancelledClose(connection, problems) : connection.close())
                .doOnCancel(cancels::increment);
        Flux<?> cut = rows > 0
                ? run.take(rows).takeUntilOther(Mono.delay(time.multipliedBy(4)))
                : run.takeUntilOther(Mono.delay(time));
        return cut.then().onErrorResume(error -> {
            problems.add(error);
            return Mono.empty();
        });
    }

    /** Begins to close it, and cancels that at once. */
    private static Mono<Void> cancelledClose(RoutingConnection connection, Queue<Throwable> problems) {
        return Mono.using(
                () -> connection.close().subscribe(null, problems::add), closing -> Mono.empty(), Disposable::dispose);
    }

    private Mono<Void> borrower(boolean primary) {
        return Mono.defer(() -> {
                    long startedAt = System.nanoTime();
                    return answer(primary).doOnNext(answer -> {
                        long took = System.nanoTime() - startedAt;
                        slowest.accumulate(took);
                        if (took > LONGEST_WAIT) {
                            waited.increment();
                        }
                        audits.increment();
                        if (!answer.equals(audit.untouched())) {
                            altered.add(answer);
                        }
                    });
                })
                .onErrorResume(error -> {
                    (isCancelled(error) ? hit : failed).add("a borrower: " + error);
                    return Mono.empty();
                })
                .then();
    }

    private Mono<String> answer(boolean primary) {
        Function<Context, Context> hint = primary ? Routing.primary() : Routing.replica();
        return Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(
                                        connection.createStatement(audit.sql()).execute())
                                .flatMap(result -> result.map((row, metadata) -> String.valueOf(row.get(0)))),
                        RoutingConnection::close)
                .single()
                .contextWrite(hint);
    }

    private static boolean isCancelled(Throwable error) {
        return error instanceof R2dbcException answered
                && ("57014".equals(answered.getSqlState()) || answered.getErrorCode() == 1317);
    }

    /** Returns whether an error is that of a connection that was killed; MariaDB's driver gives some of them no SQLSTATE. */
    private static boolean isLost(Throwable error) {
        if (!(error instanceof R2dbcException answered)) {
            return false;
        }
        String state = answered.getSqlState();
        return state == null || state.startsWith("08") || state.startsWith("57P");
    }

    /** Takes all connections of each node at once, and lets none go before; one that leaked is missed when the time is over. */
    private void lookForLeaks() {
        leaked += CONNECTIONS - lent(cluster.primary(), RoutingConnection::beginTransaction);
        for (ClusterNode replica : cluster.replicas()) {
            leaked += CONNECTIONS
                    - lent(replica, connection -> connection.beginTransaction(ReadOnlyTransaction.DEFINITION));
        }
    }

    private int lent(ClusterNode node, Function<RoutingConnection, Mono<Void>> take) {
        AtomicInteger lent = new AtomicInteger();
        Sinks.Empty<Void> release = Sinks.empty();
        Mono<Integer> all = Flux.range(0, CONNECTIONS)
                .flatMap(number -> Mono.usingWhen(
                                factory.create(),
                                connection -> take.apply(connection)
                                        .then(Mono.fromRunnable(() -> {
                                            if (lent.incrementAndGet() == CONNECTIONS) {
                                                release.tryEmitEmpty();
                                            }
                                        }))
                                        .then(release.asMono()),
                                RoutingConnection::close)
                        // One that was killed a moment ago has not leaked: the next one is taken instead.
                        .retryWhen(Retry.max(CONNECTIONS).filter(error -> !(error instanceof AcquireTimeoutException)))
                        .onErrorResume(error -> Mono.empty()))
                .contextWrite(Routing.using(node.name()))
                .then(Mono.fromSupplier(lent::get));
        // Counted before anybody lets go: whoever waits would get that connection.
        Mono<Integer> late =
                Mono.delay(LONGEST_LOAN.dividedBy(2)).map(over -> lent.get()).doOnNext(seen -> release.tryEmitEmpty());
        return Mono.firstWithValue(all, late).blockOptional(LONGEST_BATCH).orElseThrow();
    }

    Findings findings() throws IOException {
        failedWork.forEach(error -> failed.add(error.toString()));
        hit.addAll(log.endedStatements(cluster).stream()
                .filter(CancellationRun::mustNotEnd)
                .toList());
        return new Findings(
                cancels.sum(),
                audits.sum(),
                leaked,
                List.copyOf(altered),
                waited.sum(),
                slowest.get() / 1e6,
                List.copyOf(hit),
                List.copyOf(failed),
                factory.abandonedExchanges());
    }

    /** Only reads are ever cancelled at the server, and only those that somebody has cancelled. */
    private static boolean mustNotEnd(String statement) {
        return statement.contains(SessionAudit.MARK) || !statement.startsWith("SELECT");
    }

    @Override
    public void close() {
        factory.close().block(LONGEST_LOAN);
        cluster.close();
    }
}
