package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.Nodes.id;
import static io.github.r2dbcrouting.selection.Nodes.primary;
import static io.github.r2dbcrouting.selection.Nodes.replica;
import static io.github.r2dbcrouting.selection.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OverridesTests {

    private static final Topology TOPOLOGY =
            topology(primary("p"), replica("r1"), replica("late", Duration.ofSeconds(12)));

    private Overrides switched = Overrides.NONE;
    private final Router router =
            Router.of(SelectionSettings.defaults(), BranchHistory.unknown(), () -> 0, new NodeLoads(), () -> switched);

    @Test
    void shouldGiveAnExcludedNodeNoReadsUntilItIsIncludedAgain() {
        assertThat(read()).isEqualTo(id("r1"));
        switched = switched.excluding(id("r1"));
        assertThat(read()).isEqualTo(id("p"));
        assertThat(router.route(TOPOLOGY, RouteRequest.READ).verdicts())
                .containsEntry(id("r1"), "excluded: by an operator, who drains it or has switched it off");
        switched = switched.including(id("r1"));
        assertThat(read()).isEqualTo(id("r1"));
    }

    @Test
    void shouldMeasureLagAgainstWhatAnOperatorSays() {
        switched = new Overrides(true, true, Set.of(id("r1")), Duration.ofSeconds(20), 100, false);
        assertThat(read()).isEqualTo(id("late"));
    }

    @Test
    void shouldNotLookAtLagsWhileThatIsSwitchedOff() {
        switched = new Overrides(true, false, Set.of(id("r1")), null, 100, false);
        assertThat(read()).isEqualTo(id("late"));
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Overrides(true, true, Set.of(), null, 101, false))
                .withMessage("the replica share must be 0 to 100 %, got 101");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Overrides(true, true, Set.of(), Duration.ZERO, 100, false))
                .withMessage("maxLag must be positive, got PT0S");
    }

    private NodeId read() {
        NodeState node = router.route(TOPOLOGY, RouteRequest.READ).node();
        return Objects.requireNonNull(node).id();
    }
}
