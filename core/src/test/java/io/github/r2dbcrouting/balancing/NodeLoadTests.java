package io.github.r2dbcrouting.balancing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class NodeLoadTests {

    private final Replicas replicas = Replicas.of(2);
    private final NodeLoad load = replicas.load(0);

    @Test
    void shouldCountWhatIsInFlight() {
        load.began();
        load.began();
        assertThat(load.inFlight()).isEqualTo(2);
        load.ended();
        assertThat(load.inFlight()).isEqualTo(1);
    }

    @Test
    void shouldKnowNothingAtFirst() {
        assertThat(load.latencyNanos()).isZero();
        assertThat(load.readiness()).isEqualTo(1);
    }

    @Test
    void shouldDoubleWithEachPeakAndComeBackInSmallSteps() {
        answerAfter(Duration.ofMillis(2));
        answerAfter(Duration.ofMillis(50));
        assertLatency(Duration.ofMillis(5));
        answerAfter(Duration.ofMillis(50));
        assertLatency(Duration.ofMillis(11));
        answerAfter(Duration.ofMillis(12));
        assertLatency(Duration.ofMillis(12));
        answerAfter(Duration.ofMillis(4));
        assertLatency(Duration.ofMillis(11));
    }

    @Test
    void shouldNotTakeAGoodNodeThatPausesForASlowOne() {
        answerAfter(Duration.ofMillis(2));
        replicas.answer(1, Duration.ofMillis(50));
        answerAfter(Duration.ofMillis(60));
        assertThat(replicas.count(1_000, LoadBalancer.adaptive())[1]).isZero();
        for (int i = 0; i < 10; i++) {
            answerAfter(Duration.ofMillis(2));
        }
        assertThat(load.latencyNanos()).isLessThan(Duration.ofMillis(3).toNanos());
    }

    @Test
    void shouldForgetHalfOfItWithEachHalfLife() {
        answerAfter(Duration.ofMillis(64));
        replicas.pass(NodeLoad.HALF_LIFE);
        assertLatency(Duration.ofMillis(32));
        replicas.pass(NodeLoad.HALF_LIFE.multipliedBy(2));
        assertLatency(Duration.ofMillis(8));
        replicas.pass(NodeLoad.HALF_LIFE.dividedBy(2));
        assertLatency(Duration.ofMillis(6));
        replicas.pass(Duration.ofDays(400));
        assertThat(load.latencyNanos()).isEqualTo(1);
    }

    @Test
    void shouldComeDownToFasterAnswersByTheTimeBetweenThem() {
        answerAfter(Duration.ofMillis(50));
        replicas.pass(NodeLoad.HALF_LIFE);
        answerAfter(Duration.ofMillis(10));
        assertLatency(Duration.ofMillis(30));
    }

    @Test
    void shouldCountInFullWhileItIsTriedAgain() {
        answerAfter(Duration.ofMillis(50));
        replicas.pass(NodeLoad.HALF_LIFE.multipliedBy(6));
        assertLatency(Duration.ofMillis(50).dividedBy(64));
        load.began();
        assertLatency(Duration.ofMillis(50));
        replicas.pass(Duration.ofMillis(100));
        assertThat(load.latencyNanos()).isLessThan(Duration.ofMillis(1).toNanos());
    }

    @Test
    void shouldNotTakeAQuickFailureForSpeed() {
        load.failed(load.began());
        assertLatency(NodeLoad.LEAST_FAILURE);
        load.failed(load.began());
        assertLatency(NodeLoad.LEAST_FAILURE.multipliedBy(2));
        for (int i = 0; i < 20; i++) {
            load.failed(load.began());
        }
        assertLatency(NodeLoad.MOST_FAILURE);
    }

    @Test
    void shouldCountAFailureForAsLongAsItTook() {
        long begun = load.began();
        replicas.pass(Duration.ofSeconds(30));
        load.failed(begun);
        assertLatency(Duration.ofSeconds(30));
    }

    @Test
    void shouldLearnFromAnAnswerForWhichNobodyWaitedOnlyThatItTookLonger() {
        answerAfter(Duration.ofMillis(5));
        long begun = load.began();
        replicas.pass(Duration.ofMillis(2));
        load.unanswered(begun);
        assertLatency(Duration.ofMillis(5));
        replicas.pass(Duration.ofMillis(6));
        load.unanswered(begun);
        assertLatency(Duration.ofMillis(8));
    }

    @Test
    void shouldBeginSlowlyAndWithoutAPast() {
        answerAfter(Duration.ofSeconds(3));
        load.returned();
        assertThat(load.latencyNanos()).isZero();
        assertThat(load.readiness()).isEqualTo(NodeLoad.FIRST_SHARE);
        replicas.pass(NodeLoads.SLOW_START.dividedBy(4));
        assertThat(load.readiness()).isEqualTo(0.25);
        replicas.pass(NodeLoads.SLOW_START);
        assertThat(load.readiness()).isEqualTo(1);
    }

    @Test
    void shouldGiveANodeThatHasComeBackItsPartOfAPart() {
        load.returned();
        replicas.pass(NodeLoads.SLOW_START.dividedBy(5));
        // Ready for a fifth of its half.
        assertThat(replicas.count(100_000, LoadBalancer.adaptive())[0]).isBetween(9_500L, 10_500L);
        replicas.pass(NodeLoads.SLOW_START);
        assertThat(replicas.count(100_000, LoadBalancer.adaptive())[0]).isBetween(49_000L, 51_000L);
    }

    private void answerAfter(Duration latency) {
        replicas.answer(0, latency);
    }

    private void assertLatency(Duration expected) {
        assertThat(load.latencyNanos()).isCloseTo(expected.toNanos(), within(expected.toNanos() / 1_000));
    }
}
