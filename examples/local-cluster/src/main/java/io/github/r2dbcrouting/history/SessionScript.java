package io.github.r2dbcrouting.history;

import io.github.r2dbcrouting.history.Subject.AddKind;
import io.github.r2dbcrouting.history.Subject.ReadKind;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What one session does, step by step. All that is random is drawn at the begin of a step, so that timing does not change it. */
final class SessionScript {

    /** A step uses one of so many keys, which others use too. */
    static final int WINDOW = 3;

    /** So many of a hundred steps only read. */
    private static final int READS = 48;

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int LONGEST_BEFORE_CANCEL = 4_000;

    /** Values are unique over all sessions of a round, and tell whose they are. */
    private static final long VALUES_PER_SESSION = 1_000_000;

    private final Subject.Session session;
    private final Recorder recorder;
    private final int number;
    private final Random random;
    private final AtomicInteger added = new AtomicInteger();

    SessionScript(Subject.Session session, Recorder recorder, int number, long seed) {
        this.session = session;
        this.recorder = recorder;
        this.number = number;
        this.random = new Random(seed);
    }

    /**
     * Returns a cold {@link Mono} of so many steps. It never fails.
     *
     * @param firstKey the first of the keys that a step can use
     */
    Mono<Void> run(int steps, IntUnaryOperator firstKey) {
        return Flux.range(0, steps)
                .concatMap(step -> step(firstKey.applyAsInt(step) + random.nextInt(WINDOW)))
                .then();
    }

    private Mono<?> step(int key) {
        // Every fourth session only reads, so that somebody still does when nobody can write.
        int dice = random.nextInt(number % 4 == 0 ? READS : 100);
        Mono<?> step;
        if (dice < 40) {
            step = read(key, ReadKind.STATEMENT);
        } else if (dice < 44) {
            step = read(key, ReadKind.LATEST);
        } else if (dice < READS) {
            step = read(key, ReadKind.TRANSACTION);
        } else if (dice < 58) {
            step = add(key, AddKind.STATEMENT).then();
        } else if (dice < 64) {
            step = add(key, AddKind.STATEMENT)
                    .concatMap(told -> read(key, ReadKind.STATEMENT))
                    .then();
        } else if (dice < 72) {
            step = add(key, AddKind.RETURNING)
                    .flatMap(told -> read(key, ReadKind.STATEMENT))
                    .then();
        } else if (dice < 80) {
            // As a repository does it: whoever saves takes the first row and cancels the rest.
            step = add(key, AddKind.RETURNING).next().flatMap(told -> read(key, ReadKind.STATEMENT));
        } else if (dice < 85) {
            step = add(key, AddKind.TRANSACTION).then(read(key, ReadKind.STATEMENT));
        } else if (dice < 86) {
            step = Mono.when(
                    add(key, AddKind.IDLE_TRANSACTION),
                    read(key, ReadKind.STATEMENT)
                            .then(add(key, AddKind.STATEMENT).then())
                            .then(read(key, ReadKind.STATEMENT)));
        } else if (dice < 90) {
            step = cancelled(key, AddKind.values()[random.nextInt(3)]).then(read(key, ReadKind.STATEMENT));
        } else if (dice < 96) {
            step = Mono.zip(
                    add(key, AddKind.STATEMENT).then(Mono.just(true)),
                    read(key, ReadKind.STATEMENT).thenReturn(true),
                    read(key, ReadKind.STATEMENT).thenReturn(true));
        } else {
            step = Flux.just(
                            add(key, AddKind.STATEMENT).then(),
                            read(key, ReadKind.STATEMENT),
                            add(key, AddKind.RETURNING).then(read(key, ReadKind.STATEMENT)))
                    .flatMap(one -> one, 2)
                    .then();
        }
        return dice % 5 == 0 ? step.then(Mono.just(key).publishOn(Schedulers.parallel())) : step;
    }

    private Mono<?> cancelled(int key, AddKind kind) {
        // Most of them are over within a millisecond.
        Duration moment = Duration.ofNanos(1_000L * random.nextInt(1 + random.nextInt(LONGEST_BEFORE_CANCEL)));
        return add(key, kind).takeUntilOther(Mono.delay(moment)).then();
    }

    /** Adds a value; emits when that is told, completes when it is acknowledged or has failed. */
    private Flux<?> add(int key, AddKind kind) {
        return Flux.defer(() -> {
            long value = number * VALUES_PER_SESSION + added.incrementAndGet();
            AtomicLong told = new AtomicLong(Operation.NEVER);
            String note = "by a " + kind;
            long start = System.nanoTime();
            return session.add(key, value, kind)
                    .timeout(LIMIT)
                    .doOnNext(first -> told.compareAndSet(Operation.NEVER, System.nanoTime()))
                    .doOnComplete(() -> {
                        long end = System.nanoTime();
                        recorder.add(Operation.added(number, key, value, start, Math.min(told.get(), end), end, note));
                    })
                    .doOnCancel(() -> recorder.add(
                            Operation.maybeAdded(number, key, value, start, told.get(), note + ", cancelled")))
                    .onErrorResume(error -> {
                        recorder.failed(kind.toString(), error);
                        recorder.add(
                                Operation.maybeAdded(number, key, value, start, Operation.NEVER, note + ", failed"));
                        return Mono.empty();
                    });
        });
    }

    private Mono<?> read(int key, ReadKind kind) {
        return Mono.defer(() -> {
            long start = System.nanoTime();
            return session.read(key, kind)
                    .timeout(LIMIT)
                    .doOnNext(reading -> recorder.add(operation(key, kind, start, reading)))
                    .onErrorResume(error -> {
                        recorder.failed("read " + kind, error);
                        return Mono.empty();
                    });
        });
    }

    private Operation operation(int key, ReadKind kind, long start, Subject.Reading reading) {
        Operation read = kind == ReadKind.LATEST
                ? Operation.readLatest(number, key, reading.values(), start, reading.at(), reading.note())
                : Operation.read(number, key, reading.values(), start, reading.at(), reading.note());
        return reading.onPrimary() ? read.byPrimary() : read;
    }
}
