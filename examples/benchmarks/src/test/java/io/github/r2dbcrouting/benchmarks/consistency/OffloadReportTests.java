package io.github.r2dbcrouting.benchmarks.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.r2dbcrouting.benchmarks.answers.Answer;
import io.github.r2dbcrouting.benchmarks.answers.SessionScript;
import io.github.r2dbcrouting.benchmarks.answers.SessionTally;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Verdict;
import io.github.r2dbcrouting.benchmarks.load.StatementCounts;
import io.github.r2dbcrouting.benchmarks.measuring.Latencies.Quantiles;
import io.github.r2dbcrouting.benchmarks.measuring.Meter.Reading;
import java.util.List;
import org.junit.jupiter.api.Test;

class OffloadReportTests {

    private static final long SECOND = 1_000_000_000;

    @Test
    void shouldNotTakeTheProbesOfTheScheduleForQuestions() {
        OffloadTurn none = turn(Answer.NONE, 1_000, 100, 8);
        OffloadTurn session = turn(Answer.CONTEXT, 1_000, 100, 28);
        double scheduled = OffloadReport.scheduled(List.of(none, session));
        assertThat(scheduled).isEqualTo(8, within(1e-9));
        assertThat(session.questionsPerWrite(scheduled)).isEqualTo(0.2, within(1e-9));
    }

    @Test
    void shouldCompareThroughputWithTheMeanOfBothTurnsWithoutASession() {
        List<OffloadTurn> turns = List.of(
                turn(Answer.NONE, 800, 100, 0),
                turn(Answer.NONE_AGAIN, 1_000, 100, 0),
                turn(Answer.FACTORY, 900, 50, 0));
        assertThat(OffloadReport.ratio(turns, Answer.FACTORY).median()).isEqualTo(0.95, within(1e-9));
        assertThat(OffloadReport.ratio(turns, Answer.NONE_AGAIN).median()).isEqualTo(1_100 / 900., within(1e-9));
    }

    @Test
    void shouldCountEveryStatementThatIsNotTheReadItself() {
        assertThat(OffloadReport.extraRoundTrips(turn(Answer.CONTEXT, 1_000, 0, 9), 3))
                .isZero();
        OffloadTurn asking = turn(Answer.CONTEXT, 1_000, 0, 9, 1_100);
        assertThat(OffloadReport.extraRoundTrips(asking, 3)).isEqualTo(0.1, within(1e-9));
        assertThat(OffloadReport.extraRoundTrips(turn(Answer.CONTEXT, 1_000, 0, 1_009), 3))
                .isCloseTo(1, within(0.01));
    }

    @Test
    void shouldHoldTheShareOfTheReadsOnReplicasAgainstItsReach() {
        OffloadReport report = new OffloadReport();
        report.add(List.of(turn(Answer.NONE, 1_000, 100, 8), turn(Answer.CONTEXT, 1_000, 100, 8)));
        assertThat(report.finish().figures())
                .extracting(Figure::name)
                .containsExactly(
                        "stale, session of the chain, 10 % writes, 16 at once",
                        "of the reads on replicas, session of the chain, 10 % writes, 16 at once");
        assertThat(report.finish().worst().verdict()).isEqualTo(Verdict.MISSED);
    }

    private static OffloadTurn turn(Answer answer, int reads, int writes, long probes) {
        return turn(answer, reads, writes, probes, reads + writes);
    }

    private static OffloadTurn turn(Answer answer, int reads, int writes, long probes, long statements) {
        SessionTally.Sums seen = new SessionTally.Sums(
                new Quantiles(writes, 1, 2),
                new Quantiles(reads, 1, 2),
                new Quantiles(1, 1, 2),
                new Quantiles(1, 1, 2),
                reads / 2,
                0);
        return new OffloadTurn(
                SessionScript.MIXED.toString(),
                16,
                0,
                answer,
                new Reading(SECOND, SECOND, 0),
                new StatementCounts.Reading(SECOND, statements, probes, 0),
                seen);
    }
}
