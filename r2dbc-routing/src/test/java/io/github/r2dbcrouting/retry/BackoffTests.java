package io.github.r2dbcrouting.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.settings.PerNode;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.settings.RetrySettings;
import java.time.Duration;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Pauses between retries; by default up to 50 ms, doubled up to 1 s. */
class BackoffTests {

    @Test
    void shouldDoubleTheLongestPauseUpToItsLimit() {
        Backoff longest = backoff(() -> 1);
        assertThat(IntStream.of(0, 1, 2, 3, 4, 5, 1_000)
                        .mapToObj(longest::pause)
                        .map(Duration::toMillis))
                .containsExactly(50L, 100L, 200L, 400L, 800L, 1_000L, 1_000L);
    }

    @Test
    void shouldTakeAnyPauseFromNoneToTheLongestAlike() {
        Backoff random = backoff(new Random(42)::nextDouble);
        double[] shares = IntStream.range(0, 10_000)
                .mapToDouble(i -> random.pause(2).toNanos() / 200e6)
                .toArray();
        assertThat(DoubleStream.of(shares).allMatch(share -> share >= 0 && share < 1))
                .isTrue();
        for (int tenth = 0; tenth < 10; tenth++) {
            double from = tenth / 10.0;
            assertThat(IntStream.range(0, shares.length)
                            .filter(i -> shares[i] >= from && shares[i] < from + 0.1)
                            .count())
                    .as("pauses from %s of the longest", from)
                    .isBetween(900L, 1_100L);
        }
    }

    private static Backoff backoff(DoubleSupplier random) {
        return new Backoff(RetrySettings.defaults(PerNode.all(PoolSettings.defaults())), random);
    }
}
