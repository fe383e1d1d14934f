package io.github.r2dbcrouting.outlier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatencyHistogramTests {

    private final LatencyHistogram histogram = new LatencyHistogram();
    private final int[] totals = LatencyHistogram.totals();

    @Test
    void shouldGiveTheMedianOfAnyMagnitudeWithinAnEighth() {
        for (long magnitude = 10; magnitude < Long.MAX_VALUE / 100; magnitude *= 7) {
            Random random = new Random(magnitude);
            long least = magnitude;
            long[] latencies = LongStream.generate(() -> least + random.nextLong(least * 10))
                    .limit(999)
                    .toArray();
            Arrays.stream(latencies).forEach(histogram::count);
            int count = histogram.drainTo(totals);
            long exact = Arrays.stream(latencies).sorted().toArray()[499];

            assertThat(LatencyHistogram.median(totals, count))
                    .as("around " + magnitude)
                    .isLessThanOrEqualTo(exact)
                    .isCloseTo(exact, Percentage.withPercentage(12.5));
            Arrays.fill(totals, 0);
        }
    }

    @Test
    void shouldCountTheShortestAndTheLongest() {
        histogram.count(-1);
        histogram.count(0);
        histogram.count(Long.MAX_VALUE);

        assertThat(histogram.drainTo(totals)).isEqualTo(3);
        assertThat(LatencyHistogram.median(totals, 3)).isCloseTo(0, within(0L));
    }

    @Test
    void shouldDrainEachOnce() {
        histogram.count(5);

        assertThat(histogram.drainTo(totals)).isEqualTo(1);
        assertThat(histogram.drainTo(totals)).isZero();
        assertThat(totals).contains(1);
    }
}
