package io.github.r2dbcrouting.benchmarks.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Verdict;
import io.github.r2dbcrouting.benchmarks.measuring.Meter;
import io.github.r2dbcrouting.benchmarks.scaling.ScalingTurn.Cell;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScalingReportTests {

    private static final Cell ONE = new Cell(1, false);
    private static final Cell AGAIN = new Cell(1, true);
    private static final Cell FOUR = new Cell(4, false);

    @Test
    void shouldCompareWithWhatOneReplicaDidInTheSameRound() {
        List<ScalingTurn> turns = List.of(
                turn(0, ONE, 90),
                turn(0, AGAIN, 110),
                turn(0, FOUR, 400),
                turn(1, FOUR, 100),
                turn(1, ONE, 20),
                turn(1, AGAIN, 30));
        assertThat(ScalingReport.times(turns, FOUR).inOrder()).containsExactly(4.0, 4.0);
        assertThat(ScalingReport.times(turns, AGAIN).inOrder()).containsExactly(110.0 / 90, 1.5);
    }

    @Test
    void shouldMissTheReachWhereTheMachineHadNoRoomLeft() {
        List<ScalingTurn> turns = new ArrayList<>();
        for (ScalingLoad load : ScalingLoad.values()) {
            turns.add(turn(load, ONE, 100, 0.1));
            turns.add(turn(load, AGAIN, 100, 0.1));
            turns.add(turn(load, FOUR, 396, 0.7));
        }
        Report report = new ScalingReport(turns).finish();
        assertThat(report.figures()).hasSize(2);
        assertThat(report.worst().name()).isEqualTo("of the machine's CPU with 4 replicas, reads");
        assertThat(report.worst().verdict()).isEqualTo(Verdict.MISSED);
        assertThat(report.picture()).startsWith("<svg");
    }

    private static ScalingTurn turn(int round, Cell cell, long operations) {
        return turn(ScalingLoad.READS, round, cell, operations, 0.1);
    }

    private static ScalingTurn turn(ScalingLoad load, Cell cell, long operations, double machine) {
        return turn(load, 0, cell, operations, machine);
    }

    private static ScalingTurn turn(ScalingLoad load, int round, Cell cell, long operations, double machine) {
        return new ScalingTurn(
                load, cell, round, operations, new Meter.Reading(1_000_000_000L, 1_000_000L, 0), machine);
    }
}
