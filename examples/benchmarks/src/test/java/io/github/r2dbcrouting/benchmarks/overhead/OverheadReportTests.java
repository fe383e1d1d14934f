package io.github.r2dbcrouting.benchmarks.overhead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Verdict;
import io.github.r2dbcrouting.benchmarks.load.ReadForm;
import io.github.r2dbcrouting.benchmarks.measuring.Meter.Reading;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverheadReportTests {

    private static final OverheadCell CELL = new OverheadCell(ReadForm.PLAIN, 16);
    private static final long SECOND = 1_000_000_000;

    @Test
    void shouldCompareThroughputWithTheMeanOfBothTurnsOfTheReference() {
        Figure figure = figures(
                        turn(Contender.DIRECT, 900, 1),
                        turn(Contender.CONTROL, 1_100, 1),
                        turn(Contender.ROUTED, 970, 1))
                .get(0);
        assertThat(figure.name()).startsWith("statements/s");
        assertThat(figure.estimate().value()).isEqualTo(0.97, within(1e-9));
    }

    @Test
    void shouldTurnTheRatioOfCpuTimeSoThatMoreIsBetter() {
        Figure figure = figures(
                        turn(Contender.DIRECT, 1_000, 50_000_000),
                        turn(Contender.CONTROL, 1_000, 50_000_000),
                        turn(Contender.ROUTED, 1_000, 100_000_000))
                .get(1);
        assertThat(figure.name()).startsWith("CPU");
        assertThat(figure.estimate().value()).isEqualTo(0.5, within(1e-9));
        assertThat(figure.verdict()).isEqualTo(Verdict.MISSED);
    }

    @Test
    void shouldShowHowFarTheReferenceIsFromItself() {
        OverheadReport report = new OverheadReport();
        report.add(
                CELL,
                List.of(
                        turn(Contender.DIRECT, 1_000, 1),
                        turn(Contender.CONTROL, 1_020, 1),
                        turn(Contender.ROUTED, 1_000, 1)));
        assertThat(report.finish().table().rows().get(1)).contains("1.020", "[1.020 .. 1.020]");
    }

    private static List<Figure> figures(OverheadTurn... turns) {
        OverheadReport report = new OverheadReport();
        report.add(CELL, List.of(turns));
        return report.finish().figures();
    }

    private static OverheadTurn turn(Contender contender, long statements, long cpuNanos) {
        return new OverheadTurn(CELL, 0, contender, statements, new Reading(SECOND, cpuNanos, 1_000));
    }
}
