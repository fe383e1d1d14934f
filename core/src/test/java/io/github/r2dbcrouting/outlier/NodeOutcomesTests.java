package io.github.r2dbcrouting.outlier;

import static io.github.r2dbcrouting.outlier.SeenNodes.id;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NodeOutcomesTests {

    private final AtomicInteger alarms = new AtomicInteger();
    private final Outcomes outcomes = new Outcomes(OutlierSettings.defaults());
    private final NodeOutcomes node = outcomes.of(id("r1"), 1);
    private long now = 1_000;

    NodeOutcomesTests() {
        outcomes.whenFailing(alarms::incrementAndGet);
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            node.began();
            node.failed(now, now + 1);
            now += 2;
        }
    }

    @Test
    void shouldCallOnceWhenSoManyStatementsInARowHaveFailed() {
        fail(4);
        assertThat(alarms).hasValue(0);

        fail(1);
        assertThat(alarms).hasValue(1);
        assertThat(node.errors()).isEqualTo(5);

        fail(10);
        assertThat(alarms).hasValue(1);
    }

    @Test
    void shouldBeginAnewAfterAnAnswer() {
        fail(4);
        node.began();
        node.answered(5);
        assertThat(node.errors()).isEqualTo(4);
        node.succeeded();
        fail(4);

        assertThat(node.errors()).isEqualTo(4);
        assertThat(alarms).hasValue(0);
    }

    @Test
    void shouldCountOneBlowThatEndsManyStatementsOnce() {
        for (int i = 0; i < 20; i++) {
            node.began();
        }
        for (int i = 0; i < 20; i++) {
            node.failed(now, now + 10 + i);
        }
        assertThat(node.errors()).isEqualTo(1);
    }

    @Test
    void shouldNotCountWhatSaysNothingOfTheNode() {
        fail(4);
        node.began();
        node.ended();
        fail(1);

        assertThat(alarms).hasValue(1);
        assertThat(node.begun() - node.endedInAll()).isZero();
    }

    @Test
    void shouldKeepLateErrorsOfAnEarlierLifeFromTheNextOne() {
        NodeOutcomes next = outcomes.of(id("r1"), 2);
        fail(5);
        NodeOutcomes late = outcomes.of(id("r1"), 1);
        late.failedBefore(now, now + 1);

        assertThat(next.errors()).isZero();
        assertThat(outcomes.of(id("r1"), 2)).isSameAs(next);
        assertThat(outcomes.present(id("r1"), 2)).isSameAs(next);
        assertThat(outcomes.present(id("r1"), 1)).isNull();
    }

    @Test
    void shouldBeginAnewWithANodeThatWasForgotten() {
        outcomes.of(id("r1"), 7);
        outcomes.forget(id("r1"));
        outcomes.of(id("r1"), 1).failedBefore(now, now + 1);

        assertThat(outcomes.present(id("r1"), 1)).isNotNull();
    }
}
