package io.github.r2dbcrouting.benchmarks.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoundPlanTests {

    @Test
    void shouldBeginEachRoundWithAnotherAndGoBackwardsEveryOtherTime() {
        List<String> all = List.of("a", "b", "c");

        assertThat(RoundPlan.order(all, 0)).containsExactly("a", "b", "c");
        assertThat(RoundPlan.order(all, 1)).containsExactly("b", "a", "c");
        assertThat(RoundPlan.order(all, 2)).containsExactly("b", "c", "a");
        assertThat(RoundPlan.order(all, 3)).containsExactly("c", "b", "a");
    }
}
