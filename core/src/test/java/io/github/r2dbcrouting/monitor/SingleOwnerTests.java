package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class SingleOwnerTests {

    private final ConcurrentLinkedQueue<Throwable> defects = new ConcurrentLinkedQueue<>();
    private final SingleOwner owner = new SingleOwner(defects::add);

    @Test
    void shouldRunATaskFromWithinATaskAfterIt() {
        List<String> order = new ArrayList<>();
        owner.execute(() -> {
            owner.execute(() -> order.add("inner"));
            order.add("outer");
        });

        assertThat(order).containsExactly("outer", "inner");
    }

    @Test
    void shouldGoOnAfterAnyThrowable() {
        List<String> order = new ArrayList<>();
        owner.execute(() -> {
            owner.execute(() -> order.add("next"));
            throw new AssertionError("broken");
        });

        assertThat(order).containsExactly("next");
        assertThat(defects).hasSize(1);
    }

    @Test
    void shouldRunTheTasksOfManyThreadsOneAtATime() {
        int[] unguarded = {0};
        AtomicInteger inside = new AtomicInteger();
        Flux.range(0, 8)
                .flatMap(thread -> Mono.fromRunnable(() -> {
                            for (int i = 0; i < 10_000; i++) {
                                owner.execute(() -> {
                                    if (inside.incrementAndGet() != 1) {
                                        throw new IllegalStateException("two at a time");
                                    }
                                    unguarded[0]++;
                                    inside.decrementAndGet();
                                });
                            }
                        })
                        .subscribeOn(Schedulers.boundedElastic()))
                .blockLast(Duration.ofSeconds(20));
        // The last task may still be running on another thread: what follows comes after it.
        int[] seen = {0};
        Mono<Void> drained = Mono.create(sink -> owner.execute(() -> {
            seen[0] = unguarded[0];
            sink.success();
        }));
        drained.block(Duration.ofSeconds(20));

        assertThat(seen[0]).isEqualTo(80_000);
        assertThat(defects).isEmpty();
    }
}
