package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.LogPosition;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LagHistoryTests {

    private static final BranchHistory BRANCHES = BranchHistory.unknown();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private static LogPosition at(long lsn) {
        return new LogPosition(Branch.ofTimeline(1), lsn);
    }

    private static Duration lag(LagHistory history, long lsn, long seconds) {
        return history.lag(at(lsn), seconds * SECOND, BRANCHES);
    }

    @Test
    void shouldMeasureFromTheNewestSampleThatIsCovered() {
        LagHistory history = LagHistory.EMPTY
                .plus(10 * SECOND, at(100))
                .plus(11 * SECOND, at(200))
                .plus(12 * SECOND, at(300));

        assertThat(lag(history, 300, 13)).isEqualTo(Duration.ofSeconds(1));
        assertThat(lag(history, 299, 13)).isEqualTo(Duration.ofSeconds(2));
        assertThat(lag(history, 200, 13)).isEqualTo(Duration.ofSeconds(2));
        assertThat(lag(history, 100, 13)).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void shouldKnowNoBoundBeforeTheOldestSample() {
        LagHistory history = LagHistory.EMPTY.plus(10 * SECOND, at(100));

        assertThat(lag(history, 99, 13)).isNull();
        assertThat(lag(LagHistory.EMPTY, 99, 13)).isNull();
    }

    @Test
    void shouldKnowNoBoundOnAnotherBranch() {
        LagHistory history = LagHistory.EMPTY.plus(10 * SECOND, at(100));

        assertThat(history.lag(new LogPosition(Branch.ofTimeline(2), 500), 13 * SECOND, BRANCHES))
                .isNull();
    }

    @Test
    void shouldNeverBeNegative() {
        LagHistory history = LagHistory.EMPTY.plus(10 * SECOND, at(100));

        assertThat(lag(history, 100, 9)).isZero();
    }

    @Test
    void shouldKeepOneSampleOfAPrimaryThatDoesNotMove() {
        LagHistory history = LagHistory.EMPTY;
        for (int second = 0; second < 5000; second++) {
            history = history.plus(second * SECOND, at(100));
        }

        assertThat(history.size()).isEqualTo(1);
        assertThat(lag(history, 100, 5000)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void shouldIgnoreSamplesThatAreNotNewer() {
        LagHistory history = LagHistory.EMPTY.plus(10 * SECOND, at(100));

        assertThat(history.plus(10 * SECOND, at(200))).isSameAs(history);
        assertThat(history.plus(9 * SECOND, at(200))).isSameAs(history);
    }

    @Test
    void shouldWorkWhereTheClockPassesZero() {
        LagHistory history = LagHistory.EMPTY.plus(-SECOND, at(100)).plus(SECOND, at(200));

        assertThat(lag(history, 100, 2)).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void shouldTellWhetherAPositionContinuesIt() {
        LagHistory history = LagHistory.EMPTY.plus(10 * SECOND, at(100));

        assertThat(history.isContinuedBy(at(100), BRANCHES)).isTrue();
        assertThat(history.isContinuedBy(at(99), BRANCHES)).isFalse();
        assertThat(history.isContinuedBy(new LogPosition(Branch.ofTimeline(2), 500), BRANCHES))
                .isFalse();
        assertThat(LagHistory.EMPTY.isContinuedBy(at(1), BRANCHES)).isFalse();
    }

    /** Ten hours of one sample a second in 600 places. */
    @Test
    void shouldStaySharpInProportionToTheAge() {
        int end = 36_000;
        LagHistory history = LagHistory.EMPTY;
        for (int second = 0; second <= end; second++) {
            history = history.plus(second * SECOND, at(second));
        }
        assertThat(history.size()).isEqualTo(LagHistory.CAPACITY);

        double worst = 0;
        for (int second = 0; second <= end; second++) {
            Duration bound = lag(history, second, end);
            double real = end - second;
            assertThat(bound).isNotNull();
            assertThat(bound.toSeconds()).isGreaterThanOrEqualTo((long) real);
            worst = Math.max(worst, (bound.toSeconds() - real) / Math.max(real, 30));
        }
        assertThat(worst).isLessThan(0.06);
        for (int ago = 0; ago < 30; ago++) {
            assertThat(lag(history, end - ago, end)).hasSeconds(ago);
        }
    }
}
