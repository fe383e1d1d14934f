package io.github.r2dbcrouting.benchmarks;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Begins reads at a fixed rate, whether earlier ones are over or not: unlike a loop, it does not wait with a fault for those
 * whom the fault hits, and so hides none of them.
 */
final class SteadyReads {

    private static final Duration BEAT = Duration.ofMillis(10);

    /** Far beyond any reach: who waits so long hangs. */
    private static final Duration LONGEST_READ = Duration.ofSeconds(20);

    private final IntFunction<Mono<String>> read;
    private final int readsPerBeat;
    private final Queue<Read> ended = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running = new AtomicInteger();
    private final Disposable beats;
    private int key;

    /**
     * One read that is over.
     *
     * @param startedAt when it was begun, on the clock of {@link System#nanoTime()}
     * @param millis how long it took
     * @param problem why it failed; empty if it did not
     */
    record Read(long startedAt, double millis, String problem) {

        boolean hasFailed() {
            return !problem.isEmpty();
        }
    }

    /**
     * Begins to read.
     *
     * @param read is given a key from 0 to {@link PointReads#KEYS} - 1
     * @param perSecond a multiple of 100
     */
    SteadyReads(IntFunction<Mono<String>> read, int perSecond) {
        this.read = read;
        this.readsPerBeat = perSecond / (int) (Duration.ofSeconds(1).toMillis() / BEAT.toMillis());
        this.beats = Flux.interval(BEAT).onBackpressureBuffer().subscribe(beat -> beat());
    }

    private void beat() {
        for (int i = 0; i < readsPerBeat; i++) {
            key = (key + 1) % PointReads.KEYS;
            long startedAt = System.nanoTime();
            running.incrementAndGet();
            read.apply(key)
                    .timeout(LONGEST_READ)
                    .subscribe(value -> {}, error -> end(startedAt, error.toString()), () -> end(startedAt, ""));
        }
    }

    private void end(long startedAt, String problem) {
        ended.add(new Read(startedAt, (System.nanoTime() - startedAt) / 1e6, problem));
        running.decrementAndGet();
    }

    /** Returns all reads that have ended so far. */
    Queue<Read> ended() {
        return ended;
    }

    /** Begins no more reads, and waits for those that run. */
    void finish() throws InterruptedException {
        beats.dispose();
        long patience = System.nanoTime() + 2 * LONGEST_READ.toNanos();
        while (running.get() > 0 && System.nanoTime() < patience) {
            Thread.sleep(BEAT.toMillis());
        }
        if (running.get() > 0) {
            throw new IllegalStateException(running.get() + " reads never ended");
        }
    }
}
