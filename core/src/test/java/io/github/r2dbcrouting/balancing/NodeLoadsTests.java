package io.github.r2dbcrouting.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeLoadsTests {

    private long now;
    private final NodeLoads loads = new NodeLoads(() -> now);

    @Test
    void shouldKeepTheNumbersOfANodeUntilItIsForgotten() {
        NodeLoad load = loads.of(new NodeId("a"));
        assertThat(loads.of(new NodeId("a"))).isSameAs(load);
        loads.forget(new NodeId("a"));
        assertThat(loads.of(new NodeId("a"))).isNotSameAs(load);
    }

    @Test
    void shouldKeepNothingThatIsAskedForAfterANodeHasGone() {
        follow(healthy("a", 1), healthy("b", 1));
        follow(healthy("a", 1));
        NodeLoad late = loads.of(new NodeId("b"));
        NodeLoad early = loads.of(new NodeId("c"));
        follow(healthy("a", 1));
        assertThat(loads.of(new NodeId("c"))).isSameAs(early);
        follow(healthy("a", 1), healthy("c", 1));
        assertThat(loads.of(new NodeId("c"))).isSameAs(early);
        assertThat(loads.of(new NodeId("b"))).isNotSameAs(late);
    }

    @Test
    void shouldNotBeginSlowlyWhereAllBegin() {
        follow(unprobed("a"), unprobed("b"));
        follow(healthy("a", 1), unprobed("b"));
        now += NodeLoads.SLOW_START.toNanos() / 2;
        follow(healthy("a", 1), healthy("b", 1));
        assertReady("a", "b");
    }

    @Test
    void shouldBeginSlowlyWithANodeThatComesLate() {
        follow(healthy("a", 1), unprobed("b"));
        now += 2 * NodeLoads.SLOW_START.toNanos();
        follow(healthy("a", 1), healthy("b", 1), healthy("c", 1));
        assertReady("a");
        assertSlow("b", "c");
    }

    @Test
    void shouldBeginSlowlyWithANodeThatWasAwayOrInTrouble() {
        follow(healthy("a", 1), healthy("b", 1), healthy("c", 1), healthy("d", 1));
        follow(healthy("a", 1), with(NodeHealth.UNHEALTHY, "b"), with(NodeHealth.DEGRADED, "c"), healthy("d", 2));
        assertReady("a", "b", "c");
        follow(healthy("a", 1), healthy("b", 1), healthy("c", 1), healthy("d", 2));
        assertReady("a");
        assertSlow("b", "c", "d");
        now += NodeLoads.SLOW_START.toNanos();
        follow(healthy("a", 1), healthy("b", 1), healthy("c", 1), healthy("d", 2));
        assertReady("a", "b", "c", "d");
    }

    @Test
    void shouldNotBeginSlowlyWhereNobodyHasLookedForAWhile() {
        follow(healthy("a", 1), healthy("b", 1));
        now += 10 * NodeLoads.SLOW_START.toNanos();
        follow(with(NodeHealth.UNKNOWN, "a"), with(NodeHealth.UNKNOWN, "b"));
        follow(healthy("a", 1), healthy("b", 1));
        assertReady("a", "b");
    }

    private void follow(NodeState... nodes) {
        loads.follow(new Topology(1, List.of(nodes), null, null));
    }

    private void assertReady(String... names) {
        assertThat(Arrays.stream(names).map(NodeId::new).map(loads::of)).allMatch(load -> load.readiness() == 1);
    }

    private void assertSlow(String... names) {
        assertThat(Arrays.stream(names).map(NodeId::new).map(loads::of)).allMatch(load -> load.readiness() < 1);
    }

    private static NodeState unprobed(String name) {
        return NodeState.unprobed(settings(name));
    }

    private static NodeState healthy(String name, long generation) {
        return new NodeState(settings(name), NodeRole.REPLICA, NodeHealth.HEALTHY, 0, generation, null, null, null);
    }

    private static NodeState with(NodeHealth health, String name) {
        return new NodeState(
                settings(name), NodeRole.REPLICA, health, 0, 1, null, null, NodeProblem.unanswered("no answer"));
    }

    private static NodeSettings settings(String name) {
        return new NodeSettings(new NodeId(name), "localhost", 5432);
    }
}
