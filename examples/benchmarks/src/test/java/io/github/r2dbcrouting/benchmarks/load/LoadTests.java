package io.github.r2dbcrouting.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class LoadTests {

    private final Load load = new Load(10);

    @Test
    void shouldRunEachLoopOnceAndThenForAsLongAsMoreIsWanted() {
        assertThat(load.run(key -> Mono.just("row"), 3, times(5))).isEqualTo(8);
    }

    @Test
    void shouldRunAsManyOperationsAtTheSameTimeAsThereAreLoops() {
        List<Sinks.One<String>> running = new ArrayList<>();
        long operations = load.run(
                key -> {
                    Sinks.One<String> answer = Sinks.one();
                    running.add(answer);
                    if (running.size() == 4) {
                        // None of them could have ended before the last has begun.
                        running.forEach(each -> each.tryEmitValue("row"));
                    }
                    return answer.asMono();
                },
                4,
                () -> false);
        assertThat(operations).isEqualTo(4);
    }

    @Test
    void shouldNotBeginAnOperationBeforeTheLastOneOfItsLoopIsOver() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        load.run(
                key -> Mono.fromSupplier(() -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            return "row";
                        })
                        .doOnTerminate(running::decrementAndGet),
                1,
                times(20));
        assertThat(most).hasValue(1);
    }

    @Test
    void shouldUseAllKeys() {
        var keys = ConcurrentHashMap.<Integer>newKeySet();
        load.run(
                key -> {
                    keys.add(key);
                    return Mono.just("row");
                },
                2,
                times(200));
        assertThat(keys).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void shouldEndWithTheFirstError() {
        AtomicInteger calls = new AtomicInteger();
        assertThatIllegalStateException()
                .isThrownBy(() -> load.run(
                        key -> calls.incrementAndGet() == 7
                                ? Mono.error(new IllegalStateException("refused"))
                                : Mono.just("row"),
                        2,
                        () -> true))
                .withMessage("refused");
    }

    @Test
    void shouldTakeAnOperationWithoutARowForAnError() {
        assertThatThrownBy(() -> load.run(key -> Mono.empty(), 1, () -> false))
                .isInstanceOf(NoSuchElementException.class);
    }

    private static BooleanSupplier times(int number) {
        AtomicInteger left = new AtomicInteger(number);
        return () -> left.getAndDecrement() > 0;
    }
}
