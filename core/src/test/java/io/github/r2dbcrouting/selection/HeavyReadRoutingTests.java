package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.RouteRequest.READ;
import static io.github.r2dbcrouting.topology.Nodes.dead;
import static io.github.r2dbcrouting.topology.Nodes.placed;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Nodes;
import io.github.r2dbcrouting.topology.Placement;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.topology.Topology;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Where reads go that have been observed to cost much. */
class HeavyReadRoutingTests {

    private static final RouteRequest HEAVY = READ.asHeavy();

    private final NodeLoads loads = new NodeLoads();
    private final Router router = Router.of(
            SelectionSettings.defaults().balancedBy(LoadBalancer.roundRobin()),
            BranchHistory.unknown(),
            () -> 0,
            loads,
            () -> Overrides.NONE);
    private final NodeState analytics = placed(new Placement(null, null, Set.of("analytics")), replica("r3"));
    private final Topology topology = topology(primary("p"), replica("r1"), replica("r2"), analytics);

    private Set<String> chosen(Topology nodes, RouteRequest request) {
        Set<String> chosen = new TreeSet<>();
        for (int i = 0; i < 12; i++) {
            chosen.add(router.route(nodes, request).node().id().name());
        }
        return chosen;
    }

    private static RouteRequest heavy(RoutingHints hints) {
        return HEAVY.wishing(hints);
    }

    @Test
    void shouldGoToNodesThatAreMeantForThem() {
        assertThat(chosen(topology, HEAVY)).containsExactly("r3");
        assertThat(router.route(topology, HEAVY).reason()).contains("analytics");
    }

    @Test
    void shouldGoElsewhereWhereNoneOfThoseIsEligible() {
        Topology without = topology(primary("p"), replica("r1"), dead(analytics));

        assertThat(chosen(without, HEAVY)).containsExactly("r1");
    }

    @Test
    void shouldGoWhereTheLeastIsInFlightWhereNoNodeIsMeantForThem() {
        Topology plain = topology(primary("p"), replica("r1"), replica("r2"));
        loads.of(Nodes.id("r1")).began();

        assertThat(chosen(plain, HEAVY)).containsExactly("r2");
        assertThat(chosen(plain, READ)).containsExactly("r1", "r2");
    }

    @Test
    void shouldLeaveLightReadsAnyNode() {
        assertThat(chosen(topology, READ)).containsExactly("r1", "r2", "r3");
    }

    @Test
    void shouldObeyHintsFirst() {
        Topology tagged = topology(
                primary("p"),
                placed(new Placement(null, null, Set.of("batch")), replica("r1")),
                replica("r2"),
                analytics);

        assertThat(chosen(tagged, heavy(RoutingHints.of(Places.tagged("batch")))))
                .containsExactly("r1");
        assertThat(chosen(tagged, heavy(RoutingHints.of(Nodes.id("r2"))))).containsExactly("r2");
        assertThat(chosen(tagged, heavy(RoutingHints.of(NodeRole.PRIMARY)))).containsExactly("p");
    }
}
