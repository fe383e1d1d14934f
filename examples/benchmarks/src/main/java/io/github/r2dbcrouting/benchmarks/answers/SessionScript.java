package io.github.r2dbcrouting.benchmarks.answers;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a session does: a number of operations on a row of its own, one after the other. */
public enum SessionScript {
    /** 10 % writes at random places. */
    MIXED("10 % writes", 20) {
        @Override
        boolean isWrite(int operation, SplittableRandom random) {
            return random.nextInt(10) == 0;
        }
    },
    /** Writes, and one read at the end. */
    WRITES("19 writes, 1 read", 20) {
        @Override
        boolean isWrite(int operation, SplittableRandom random) {
            return operation < 19;
        }
    },
    /** A write and the read of it. */
    WRITE_AND_READ("1 write, 1 read", 2) {
        @Override
        boolean isWrite(int operation, SplittableRandom random) {
            return operation == 0;
        }
    };

    private static final AtomicLong SEEDS = new AtomicLong();

    private final String text;
    private final int operations;

    SessionScript(String text, int operations) {
        this.text = text;
        this.operations = operations;
    }

    abstract boolean isWrite(int operation, SplittableRandom random);

    /** Returns a cold {@link Mono} that plays it with a new session, and tells what became of it. */
    public Mono<SessionTally> play(Answers answers, Answer answer) {
        return Mono.defer(() -> {
            SessionRows session = answers.begin(answer);
            SessionTally tally = new SessionTally();
            SplittableRandom random = new SplittableRandom(SEEDS.incrementAndGet());
            int key = answers.rows().nextKey();
            return Flux.range(0, operations)
                    .concatMap(operation -> isWrite(operation, random)
                            ? write(session, key, answers.rows().nextVersion(), tally)
                            : read(session, key, tally))
                    .then(Mono.just(tally));
        });
    }

    static Mono<Void> write(SessionRows session, int key, long version, SessionTally tally) {
        return Mono.defer(() -> {
            long begin = System.nanoTime();
            return session.write(key, version).doOnSuccess(done -> tally.wrote(version, System.nanoTime() - begin));
        });
    }

    public static Mono<Void> read(SessionRows session, int key, SessionTally tally) {
        return Mono.defer(() -> {
            long begin = System.nanoTime();
            return session.read(key)
                    .single()
                    .doOnNext(seen -> tally.read(seen, System.nanoTime() - begin))
                    .then();
        });
    }

    @Override
    public String toString() {
        return text;
    }
}
