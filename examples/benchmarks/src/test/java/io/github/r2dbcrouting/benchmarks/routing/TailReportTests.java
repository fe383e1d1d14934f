package io.github.r2dbcrouting.benchmarks.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.benchmarks.frame.Report;
import java.util.List;
import org.junit.jupiter.api.Test;

class TailReportTests {

    private static final List<TailTurn> TURNS = List.of(
            turn(TailVariant.HEALTHY, 0, 2),
            turn(TailVariant.HEALTHY_AGAIN, 0, 4),
            turn(TailVariant.SLOW, 0, 6),
            turn(TailVariant.IN_TURN, 0, 60),
            turn(TailVariant.IN_TURN, 1, 50),
            turn(TailVariant.SLOW, 1, 5),
            turn(TailVariant.HEALTHY_AGAIN, 1, 10),
            turn(TailVariant.HEALTHY, 1, 10));

    @Test
    void shouldCompareWithinEachRound() {
        TailReport report = new TailReport(TURNS);
        assertThat(report.ofHealthy(TailVariant.SLOW).inOrder()).containsExactly(2.0, 0.5);
        assertThat(report.ofHealthy(TailVariant.HEALTHY_AGAIN).inOrder()).containsExactly(2.0, 1.0);
        assertThat(report.inTurn().inOrder()).containsExactly(10.0, 10.0);
    }

    @Test
    void shouldDecideByTheWorseOfTheTwo() {
        Report report = new TailReport(TURNS).finish();
        assertThat(report.figures()).hasSize(2);
        assertThat(report.worst().name()).isEqualTo("p99 with a slow replica, times that without");
        assertThat(report.table().rows()).hasSize(5);
    }

    private static TailTurn turn(TailVariant variant, int round, double p99) {
        return new TailTurn(variant, round, 100, 1, p99, p99, 0);
    }
}
