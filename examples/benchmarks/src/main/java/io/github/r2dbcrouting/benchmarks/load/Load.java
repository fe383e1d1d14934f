package io.github.r2dbcrouting.benchmarks.load;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Drives operations by a number of loops, each of which begins its next operation when the last one is over. */
public final class Load {

    /** A round lasts about a second, and then its last operations are awaited: one that lasts so long hangs. */
    private static final Duration LONGEST_ROUND = Duration.ofSeconds(30);

    private final int keys;

    /**
     * Creates a load.
     *
     * @param keys operations get a number from 0 to {@code keys - 1}, always in the same random order
     */
    public Load(int keys) {
        this.keys = keys;
    }

    /** Returns what becomes false after a time, which begins now. */
    public static BooleanSupplier during(Duration time) {
        long begin = System.nanoTime();
        long length = time.toNanos();
        return () -> System.nanoTime() - begin < length;
    }

    /**
     * Runs operations for as long as more are wanted, at least one a loop, and blocks until the last is over.
     *
     * @param operation is given a key and emits exactly one value
     * @return how many operations were run
     * @throws RuntimeException the first error of an operation, be it only that it emitted nothing
     */
    public long run(IntFunction<Mono<String>> operation, int concurrent, BooleanSupplier more) {
        Long operations = Flux.range(0, concurrent)
                .flatMap(number -> loop(operation, number, more), concurrent)
                .reduce(0L, Long::sum)
                .block(LONGEST_ROUND);
        return operations == null ? 0 : operations;
    }

    private Mono<Long> loop(IntFunction<Mono<String>> operation, int number, BooleanSupplier more) {
        SplittableRandom random = new SplittableRandom(number);
        return Mono.defer(() -> operation.apply(random.nextInt(keys)))
                .single()
                .repeat(more)
                .count();
    }
}
