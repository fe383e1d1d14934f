package io.github.r2dbcrouting.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QueryCostsTests {

    private static final long MILLI = 1_000_000;

    private final QueryCosts costs = new QueryCosts(new CostSettings(true, Duration.ofMillis(100)), 10);
    private final ObservedCost cost = costs.of("SELECT 1");

    private void take(int times, long millis) {
        for (int i = 0; i < times; i++) {
            cost.took(millis * MILLI);
        }
    }

    @Test
    void shouldTakeAStatementForLightUntilItWasObserved() {
        assertThat(cost.isHeavy()).isFalse();

        take(1, 99);
        assertThat(cost.isHeavy()).isFalse();
    }

    @Test
    void shouldTakeOneForHeavyWhoseAverageIsLong() {
        take(1, 100);
        assertThat(cost.isHeavy()).isTrue();
    }

    @Test
    void shouldNotTakeOneForHeavyThatWasSlowOnce() {
        take(10, 5);
        take(1, 700);
        assertThat(cost.isHeavy()).isFalse();

        take(1, 700);
        assertThat(cost.isHeavy()).isTrue();
    }

    @Test
    void shouldTakeAHeavyOneForLightOnlyBelowHalfTheThreshold() {
        take(1, 200);
        take(100, 60);
        assertThat(cost.isHeavy()).isTrue();

        take(100, 45);
        assertThat(cost.isHeavy()).isFalse();

        take(100, 60);
        assertThat(cost.isHeavy()).isFalse();
    }

    @Test
    void shouldKeepTextsApart() {
        take(1, 500);

        assertThat(costs.of("SELECT 2").isHeavy()).isFalse();
        assertThat(costs.of(new StringBuilder("SELECT 1").toString()).isHeavy()).isTrue();
    }

    @Test
    void shouldRefuseAThresholdThatIsNoTime() {
        assertThatThrownBy(() -> new CostSettings(true, Duration.ZERO)).hasMessageContaining("must be positive");
    }
}
