package io.github.r2dbcrouting.benchmarks.measuring;

import io.github.r2dbcrouting.benchmarks.frame.Samples;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import reactor.core.publisher.Mono;

/** How long callers waited for their answers. Safe for concurrent use. */
public final class Waits {

    private final Queue<Long> nanos = new ConcurrentLinkedQueue<>();

    /** Returns the same, timed from its subscription to its value. */
    public <T> Mono<T> timed(Mono<T> answer) {
        return Mono.defer(() -> {
            long begin = System.nanoTime();
            return answer.doOnNext(value -> nanos.add(System.nanoTime() - begin));
        });
    }

    /** Returns them in milliseconds, at least one. */
    public Samples millis() {
        return Samples.of(nanos.stream().mapToDouble(each -> each / 1e6).toArray());
    }
}
