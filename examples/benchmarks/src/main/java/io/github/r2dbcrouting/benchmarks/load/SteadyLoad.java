package io.github.r2dbcrouting.benchmarks.load;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Begins operations at a fixed rate, whether earlier ones are over or not: unlike a loop, it does not wait with a fault for those
 * whom the fault hits, and so hides none of them.
 */
public final class SteadyLoad {

    private static final Duration BEAT = Duration.ofMillis(10);

    /** Far beyond any reach: who waits so long hangs. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final IntFunction<Mono<?>> operation;
    private final int perBeat;
    private final long startedAt = System.nanoTime();
    private final LongAdder over = new LongAdder();
    private final Consumer<Ended> told;
    private final AtomicInteger running = new AtomicInteger();
    private final Disposable beats;
    private int key;
    private long promised;

    /**
     * One operation that is over.
     *
     * @param startedAt when it was begun, on the clock of {@link System#nanoTime()}
     * @param millis how long it took
     * @param problem why it failed; empty if it did not
     */
    public record Ended(long startedAt, double millis, String problem) {

        public boolean hasFailed() {
            return !problem.isEmpty();
        }
    }

    /**
     * Begins.
     *
     * @param operation is given a key from 0 to {@link PointReads#KEYS} - 1
     * @param perSecond a multiple of 100
     * @param told of each operation that is over, by many threads
     */
    public SteadyLoad(IntFunction<Mono<?>> operation, int perSecond, Consumer<Ended> told) {
        this.operation = operation;
        this.told = told;
        this.perBeat = perSecond / (int) (Duration.ofSeconds(1).toMillis() / BEAT.toMillis());
        this.beats = Flux.interval(BEAT).onBackpressureBuffer().subscribe(beat -> beat());
    }

    private void beat() {
        for (int i = 0; i < perBeat; i++) {
            key = (key + 1) % PointReads.KEYS;
            long begunAt = System.nanoTime();
            running.incrementAndGet();
            int present = key;
            Mono.defer(() -> operation.apply(present))
                    .timeout(LONGEST)
                    .subscribe(value -> {}, error -> end(begunAt, error.toString()), () -> end(begunAt, ""));
        }
    }

    private void end(long begunAt, String problem) {
        told.accept(new Ended(begunAt, (System.nanoTime() - begunAt) / 1e6, problem));
        over.increment();
        running.decrementAndGet();
    }

    /** Begins no more, and waits for those that run. */
    public void finish() throws InterruptedException {
        promised = perBeat * ((System.nanoTime() - startedAt) / BEAT.toNanos());
        beats.dispose();
        long patience = System.nanoTime() + 2 * LONGEST.toNanos();
        while (running.get() > 0 && System.nanoTime() < patience) {
            Thread.sleep(BEAT.toMillis());
        }
        if (running.get() > 0) {
            throw new IllegalStateException(running.get() + " operations never ended");
        }
    }

    /**
     * Looks, after a long load has finished, whether it was one: what was never begun cannot have failed.
     *
     * @throws IllegalStateException if less than half of what the rate promises ran
     */
    public void requireRate() {
        requireRate(over.sum(), promised);
    }

    static void requireRate(long ran, long promised) {
        if (ran < promised / 2) {
            throw new IllegalStateException("the load ended early, or the machine is too slow for it: " + ran
                    + " operations ran of " + promised + ", so nothing is shown");
        }
    }
}
