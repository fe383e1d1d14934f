package io.github.r2dbcrouting.benchmarks.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class SamplesTests {

    @Test
    void shouldTakeTheMiddleOfAnOddNumber() {
        assertThat(Samples.of(9, 1, 5).median()).isEqualTo(5);
    }

    @Test
    void shouldTakeTheMeanOfTheTwoInTheMiddleOfAnEvenNumber() {
        assertThat(Samples.of(9, 1, 5, 6).median()).isEqualTo(5.5);
    }

    @Test
    void shouldInterpolateBetweenTheNeighboursOfAQuantile() {
        Samples samples = Samples.of(10, 20, 30, 40, 50);
        assertThat(samples.quantile(0)).isEqualTo(10);
        assertThat(samples.quantile(0.1)).isEqualTo(14);
        assertThat(samples.quantile(1)).isEqualTo(50);
    }

    @Test
    void shouldKeepTheOrderInWhichTheSamplesWereTaken() {
        assertThat(Samples.of(3, 1, 2).inOrder()).containsExactly(3.0, 1.0, 2.0);
    }

    @Test
    void shouldBeSureOfSamplesThatAreAllTheSame() {
        assertThat(Samples.of(2, 2, 2, 2).estimate()).isEqualTo(new Estimate(2, 2, 2));
    }

    @Test
    void shouldFindTheIntervalThatTheBinomialDistributionTellsForAMedian() {
        double[] oneToHundred = new double[100];
        for (int i = 0; i < oneToHundred.length; i++) {
            oneToHundred[i] = i + 1;
        }
        // The ranks 40 and 61 enclose the median of 100 samples with 96.5 %, 41 and 60 with 94.3 %.
        Estimate estimate = Samples.of(oneToHundred).estimate();
        assertThat(estimate.value()).isEqualTo(50.5);
        assertThat(estimate.low()).isBetween(39.0, 42.0);
        assertThat(estimate.high()).isBetween(59.0, 62.0);
    }

    @Test
    void shouldFindTheSameIntervalForTheSameSamplesInAnyOrder() {
        assertThat(Samples.of(5, 1, 4, 2, 3).estimate())
                .isEqualTo(Samples.of(1, 2, 3, 4, 5).estimate());
    }

    @Test
    void shouldRefuseNoSampleAtAll() {
        assertThatIllegalArgumentException().isThrownBy(Samples::of).withMessage("no sample was taken");
    }

    @Test
    void shouldRefuseWhatIsNoNumber() {
        assertThatIllegalArgumentException().isThrownBy(() -> Samples.of(1, 0.0 / 0.0));
    }
}
