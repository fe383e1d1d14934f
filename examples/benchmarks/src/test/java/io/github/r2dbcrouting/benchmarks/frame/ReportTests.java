package io.github.r2dbcrouting.benchmarks.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTests {

    private static final Reach RATIO = Reach.atLeast(1, "");

    private final Figure good = Figure.of("good", RATIO, Samples.of(1.2));
    private final Figure better = Figure.of("better", RATIO, Samples.of(1.4));
    private final Figure unclear = Figure.of("unclear", RATIO, Samples.of(0.5, 0.5, 0.6, 1.4, 1.5));
    private final Figure missed = Figure.of("missed", RATIO, Samples.of(0.9));

    @Test
    void shouldPutAMissedFigureBeforeAnUnclearOneThatIsLower() {
        assertThat(unclear.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(worst(good, missed, unclear)).isEqualTo(missed);
    }

    @Test
    void shouldPutAnUnclearFigureBeforeAGoodOne() {
        assertThat(worst(unclear, better)).isEqualTo(unclear);
    }

    @Test
    void shouldNameTheGoodFigureThatIsNextToItsLimit() {
        assertThat(worst(better, good)).isEqualTo(good);
    }

    @Test
    void shouldCompareFiguresOfDifferentUnitsByTheirDistanceRelativeToTheLimit() {
        Figure near = Figure.of("near", Reach.atMost(100, "ns"), Samples.of(95));
        assertThat(worst(near, good)).isEqualTo(near);
    }

    @Test
    void shouldNotHideAFigureBehindOneWhoseBestValueIsItsLimit() {
        Figure none = Figure.of("none", Reach.atMost(0, "waits"), Samples.of(0));
        assertThat(worst(good, none)).isEqualTo(good);
        Figure some = Figure.of("some", Reach.atMost(0, "waits"), Samples.of(3));
        assertThat(worst(missed, some)).isEqualTo(some);
    }

    @Test
    void shouldSayAFigureWithItsIntervalAndItsReach() {
        assertThat(Figure.of("mean", Reach.atMost(250, "ns"), Samples.of(31.25)))
                .hasToString("31.3 ns [31.3 .. 31.3] mean (at most 250 ns: met)");
    }

    @Test
    void shouldRefuseToReportNothing() {
        assertThatIllegalArgumentException().isThrownBy(() -> worst());
    }

    private static Figure worst(Figure... figures) {
        return new Report(new Table("figure"), List.of(figures), List.of()).worst();
    }
}
