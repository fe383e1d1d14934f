package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.Requests.hinted;
import static io.github.r2dbcrouting.selection.RouteRequest.READ;
import static io.github.r2dbcrouting.selection.RouteRequest.WRITE;
import static io.github.r2dbcrouting.topology.Nodes.dead;
import static io.github.r2dbcrouting.topology.Nodes.degraded;
import static io.github.r2dbcrouting.topology.Nodes.id;
import static io.github.r2dbcrouting.topology.Nodes.in;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.topology.Topology;
import org.junit.jupiter.api.Test;

class RegionRoutingTests {

    private static final RouteRequest IN_US = hinted(READ, RoutingHints.of(Places.inRegion("us")));

    private final Router router = Router.of(SelectionSettings.defaults(), BranchHistory.unknown(), () -> 0);
    private final NodeState primary = in("eu", primary("p"));
    private final NodeState european = in("eu", replica("eu1"));
    private final NodeState american = in("us", replica("us1"));

    @Test
    void shouldReadInTheRegionFirstThenElsewhereThenOnThePrimary() {
        RouteDecision near = router.route(topology(primary, european, american), IN_US);
        assertThat(near.node()).isEqualTo(american);
        assertThat(near.reason()).isEqualTo("an eligible replica in us");
        assertThat(near.verdicts())
                .containsEntry(id("eu1"), "eligible, but others come first: an eligible replica outside us");

        RouteDecision far = router.route(topology(primary, european, dead(american)), IN_US);
        assertThat(far.node()).isEqualTo(european);
        assertThat(far.reason()).isEqualTo("an eligible replica outside us");

        RouteDecision none = router.route(topology(primary, dead(european), dead(american)), IN_US);
        assertThat(none.node()).isEqualTo(primary);
    }

    @Test
    void shouldPreferAHealthyReplicaElsewhereToADegradedOneOfTheRegion() {
        Topology topology = topology(primary, european, degraded(american));
        assertThat(router.route(topology, IN_US).node()).isEqualTo(european);
        assertThat(router.route(topology(primary, degraded(european), degraded(american)), IN_US))
                .extracting(RouteDecision::node, RouteDecision::reason)
                .containsExactly(degraded(american), "an eligible replica in us, degraded");
    }

    @Test
    void shouldServeReadsOfARegionWithoutAPrimary() {
        assertThat(router.route(topology(dead(primary), european), hinted(READ, RoutingHints.of(Places.inRegion("eu"))))
                        .node())
                .isEqualTo(european);
    }

    @Test
    void shouldRefuseARegionThatDoesNotExistAndNameThoseThatDo() {
        RouteDecision decision = router.route(
                topology(primary, european, american), hinted(READ, RoutingHints.of(Places.inRegion("asia"))));
        assertThat(decision.refusal()).isEqualTo(Refusal.UNKNOWN_NAME);
        assertThat(decision.reason()).isEqualTo("no node is in region 'asia'; use one of eu, us");
        Router other = Router.of(SelectionSettings.defaults(), BranchHistory.unknown(), () -> 0);
        assertThat(other.route(topology(primary("p")), IN_US).reason())
                .isEqualTo("no node is in region 'us': none was given a region");
    }

    @Test
    void shouldNotLookAtTheRegionOfWhatGoesToThePrimary() {
        assertThat(router.route(topology(primary, american), hinted(WRITE, RoutingHints.of(Places.inRegion("us"))))
                        .node())
                .isEqualTo(primary);
    }
}
