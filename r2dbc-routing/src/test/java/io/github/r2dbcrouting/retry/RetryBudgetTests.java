package io.github.r2dbcrouting.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.settings.PerNode;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.settings.RetrySettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** How many retries the budget allows, by a clock of the test's. */
class RetryBudgetTests {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int STEPS = 4_000;

    private final AtomicLong clock = new AtomicLong(-SECOND);

    @Test
    void shouldAllowTenSecondsWorthAtOnceAndThenSoManyASecond() {
        RetryBudget budget = budget(3, 0);
        assertThat(taken(budget)).isEqualTo(30);
        pass(SECOND);
        assertThat(taken(budget)).isEqualTo(3);
        pass(SECOND / 3 + 1);
        assertThat(taken(budget)).isEqualTo(1);
        pass(3_600 * SECOND);
        assertThat(taken(budget)).isEqualTo(30);
    }

    @Test
    void shouldAllowAShareOfTheStatementsBesides() {
        RetryBudget budget = budget(1, 0.2);
        taken(budget);
        for (int i = 0; i < 26; i++) {
            budget.statement();
        }
        assertThat(taken(budget)).isEqualTo(5);
        pass(SECOND);
        assertThat(taken(budget)).as("a part of a token is kept").isEqualTo(1);
    }

    @Test
    void shouldSaveNoMoreForManyStatementsThanItDoesForLongTimes() {
        RetryBudget budget = budget(1, 1);
        for (int i = 0; i < 1_000; i++) {
            budget.statement();
        }
        assertThat(taken(budget)).isEqualTo(10);
    }

    @Test
    void shouldTakeNothingBackWhenTheClockWasReadOutOfOrder() {
        RetryBudget budget = budget(1, 0);
        taken(budget);
        pass(SECOND);
        assertThat(budget.tryTake()).isTrue();
        pass(-SECOND);
        assertThat(budget.tryTake()).isFalse();
        pass(2 * SECOND);
        assertThat(taken(budget)).isEqualTo(1);
    }

    /** The promise, for every pair of moments of a random history of statements, retries and time. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldNeverAllowMoreThanItPromisesWithinAnyTime(long seed) {
        Random random = new Random(seed);
        int perSecond = 1 + random.nextInt(20);
        double share = random.nextInt(11) / 10.0;
        RetryBudget budget = budget(perSecond, share);
        List<long[]> history = new ArrayList<>();
        long statements = 0;
        long taken = 0;
        history.add(new long[] {clock.get(), 0, 0});
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(3)) {
                case 0 -> pass((long) (random.nextDouble() * random.nextDouble() * SECOND));
                case 1 -> {
                    int more = random.nextInt(20);
                    statements += more;
                    for (int i = 0; i < more; i++) {
                        budget.statement();
                    }
                }
                default -> taken += budget.tryTake() ? 1 : 0;
            }
            history.add(new long[] {clock.get(), statements, taken});
        }
        for (int from = 0; from < history.size(); from += 7) {
            for (int to = from; to < history.size(); to += 13) {
                long[] begun = history.get(from);
                long[] ended = history.get(to);
                double promised =
                        (10 + (ended[0] - begun[0]) / (double) SECOND) * perSecond + (ended[1] - begun[1]) * share;
                assertThat((double) (ended[2] - begun[2]))
                        .as("seed %d: %d a second, share %s, steps %d to %d", seed, perSecond, share, from, to)
                        .isLessThanOrEqualTo(promised + 1e-6);
            }
        }
    }

    @Test
    void shouldAllowNoMoreToManyThreadsThanToOne() {
        RetryBudget budget = budget(50, 0);
        AtomicInteger taken = new AtomicInteger();
        Flux.range(0, 8)
                .flatMap(thread -> Mono.fromRunnable(() -> {
                            for (int i = 0; i < 1_000; i++) {
                                if (budget.tryTake()) {
                                    taken.incrementAndGet();
                                }
                            }
                        })
                        .subscribeOn(Schedulers.parallel()))
                .blockLast(Duration.ofSeconds(30));
        assertThat(taken).hasValue(500);
    }

    private static int taken(RetryBudget budget) {
        int taken = 0;
        while (budget.tryTake()) {
            taken++;
        }
        return taken;
    }

    private void pass(long nanos) {
        clock.addAndGet(nanos);
    }

    private RetryBudget budget(int perSecond, double share) {
        RetrySettings defaults = RetrySettings.defaults(PerNode.all(PoolSettings.defaults()));
        return new RetryBudget(
                new RetrySettings(
                        defaults.retries(),
                        defaults.firstBackoff(),
                        defaults.longestBackoff(),
                        defaults.deadline(),
                        perSecond,
                        share,
                        defaults.fallback()),
                clock::get);
    }
}
