package io.github.r2dbcrouting.transaction;

import io.github.r2dbcrouting.error.ReplayConflictException;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The reads of an optimistic transaction, in the order in which they were sent, with checksums of what its user saw. */
public final class ReadLog {

    private final Optimism optimism;
    private final long begunAt;
    private final Queue<Read> reads = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();

    ReadLog(Optimism optimism) {
        this.optimism = optimism;
        this.begunAt = optimism.now();
    }

    private record Read(
            String sql, SeenResult seen, Function<Connection, ? extends Publisher<? extends Result>> execution) {}

    /** Returns whether one more read can be recorded; else it is for the primary. */
    public boolean takes(String sql, long size) {
        return bytes.get() + size <= optimism.settings().maxBytes()
                && optimism.now() - begunAt < optimism.settings().maxTime().toNanos()
                && optimism.isStable(sql);
    }

    /**
     * Records a read that is about to be sent.
     *
     * @param size of what is kept of it, in bytes
     * @param execution repeats it on any connection
     */
    public SeenResult add(
            String sql, long size, Function<Connection, ? extends Publisher<? extends Result>> execution) {
        SeenResult seen = new SeenResult(Long.MAX_VALUE, bytes::addAndGet);
        bytes.addAndGet(size);
        reads.add(new Read(sql, seen, execution));
        return seen;
    }

    /** Takes back a read that is sent elsewhere instead. */
    public void forget(SeenResult seen) {
        reads.removeIf(read -> read.seen == seen);
    }

    /** Returns whether all that was seen can be compared, no part having ended with the loss of the connection. */
    public boolean isWhole() {
        return reads.stream().noneMatch(read -> read.seen.isLost());
    }

    /**
     * Lets reads that still run come to their end without waiting for their consumers, for whom the rows are kept. Completes
     * when they have; fails if that takes too long or too much.
     */
    public Mono<Void> close() {
        return Flux.defer(() -> Flux.fromIterable(reads))
                .concatMap(read -> read.seen
                        .finish(this::isTooLong)
                        .onErrorMap(ReplayConflictException.class, error -> {
                            optimism.learnUnstable(read.sql);
                            return error;
                        })
                        .timeout(
                                limit(),
                                Mono.error(() -> conflict(read, "was still being consumed after " + limit())),
                                optimism.timers()))
                .then();
    }

    private boolean isTooLong() {
        return bytes.get() > 2L * optimism.settings().maxBytes();
    }

    /** Repeats the reads on the primary, one after the other; fails at the first that gives something else. */
    public Mono<Void> replay(Connection primary) {
        return Flux.defer(() -> Flux.fromIterable(reads))
                .concatMap(read -> again(read, primary)
                        .timeout(
                                limit(),
                                Mono.error(() -> conflict(read, "was not repeated within " + limit())),
                                optimism.timers()))
                .then();
    }

    private Mono<Void> again(Read read, Connection primary) {
        if (read.seen.isUnseen()) {
            return Mono.empty();
        }
        SeenResult again = read.seen.again();
        return Flux.defer(() -> Flux.<Result>from(read.execution.apply(primary)))
                .concatMap(again::consume)
                .then(Mono.<Void>fromRunnable(again::completed))
                .onErrorResume(error -> read.seen.failedLike(error) ? Mono.empty() : Mono.error(error))
                .then(Mono.defer(() -> {
                    String difference = read.seen.difference(again);
                    return difference == null ? Mono.empty() : Mono.error(conflict(read, difference));
                }));
    }

    private Duration limit() {
        return optimism.settings().maxTime();
    }

    private ReplayConflictException conflict(Read read, String difference) {
        optimism.learnUnstable(read.sql);
        return new ReplayConflictException(
                "an optimistic transaction could not move to the primary for its first write: [" + read.sql + "] "
                        + difference + "; it is rolled back, run it again from its start",
                null);
    }
}
