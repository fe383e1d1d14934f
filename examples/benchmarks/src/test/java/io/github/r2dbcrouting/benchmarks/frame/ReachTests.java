package io.github.r2dbcrouting.benchmarks.frame;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReachTests {

    private final Reach ratio = Reach.atLeast(0.97, "");
    private final Reach time = Reach.atMost(250, "ns");

    @Test
    void shouldBeMetByAnIntervalOnTheGoodSideOfTheLimit() {
        assertThat(ratio.verdict(new Estimate(0.98, 0.97, 1.0))).isEqualTo(Verdict.MET);
        assertThat(time.verdict(new Estimate(240, 200, 250))).isEqualTo(Verdict.MET);
    }

    @Test
    void shouldBeMissedByAnIntervalBeyondTheLimit() {
        assertThat(ratio.verdict(new Estimate(0.95, 0.94, 0.969))).isEqualTo(Verdict.MISSED);
        assertThat(time.verdict(new Estimate(300, 251, 310))).isEqualTo(Verdict.MISSED);
    }

    @Test
    void shouldBeInconclusiveForAnIntervalAroundTheLimit() {
        assertThat(ratio.verdict(new Estimate(0.98, 0.96, 0.99))).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(time.verdict(new Estimate(260, 240, 270))).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void shouldSayTheLimitWithItsUnit() {
        assertThat(ratio).hasToString("at least 0.97");
        assertThat(Reach.atMost(2_000, "ns")).hasToString("at most 2,000 ns");
    }
}
