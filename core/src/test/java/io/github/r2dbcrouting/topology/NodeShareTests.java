package io.github.r2dbcrouting.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeShareTests {

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1001})
    void shouldRefuseAWeightThatGivesNothingOrTooMuch(int weight) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeShare.EQUAL.withWeight(weight))
                .withMessage(
                        "weight must be 1 to 1000, got " + weight + "; to give a node no reads, drain or exclude it");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 101})
    void shouldRefuseAPriorityOutOfRange(int priority) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeShare.EQUAL.withPriority(priority))
                .withMessageStartingWith("priority must be 0 to 100, got " + priority);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, 0, 1000.1, Double.NaN, Double.POSITIVE_INFINITY})
    void shouldRefuseACostThatIsNone(double cost) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeShare.EQUAL.withCost(cost))
                .withMessageStartingWith("cost must be more than 0 and at most 1000.0, got " + cost);
    }

    @Test
    void shouldChangeOneThingAtATime() {
        assertThat(NodeShare.EQUAL.withWeight(3).withPriority(1).withCost(2)).isEqualTo(new NodeShare(3, 1, 2));
        assertThat(Placement.NONE.inRegion("eu").inZone("eu-1").tagged(Set.of("analytics")))
                .isEqualTo(new Placement("eu", "eu-1", Set.of("analytics")));
    }

    @Test
    void shouldRefuseAPlaceWithoutAName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Placement.NONE.inZone(" "))
                .withMessage("a node's zone must not be blank; leave it out for none");
        assertThatIllegalArgumentException().isThrownBy(() -> Placement.NONE.tagged(Set.of("")));
    }
}
