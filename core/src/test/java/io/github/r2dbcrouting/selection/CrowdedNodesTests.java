package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.Requests.preferring;
import static io.github.r2dbcrouting.selection.Requests.without;
import static io.github.r2dbcrouting.selection.RouteRequest.READ;
import static io.github.r2dbcrouting.selection.RouteRequest.WRITE;
import static io.github.r2dbcrouting.topology.Nodes.dead;
import static io.github.r2dbcrouting.topology.Nodes.degraded;
import static io.github.r2dbcrouting.topology.Nodes.id;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Where a read goes whose node has no room. */
class CrowdedNodesTests {

    private final Router router = router(ReadPreference.REPLICA_PREFERRED);

    @Test
    void shouldGoToOneOfTheSameRungThatHasRoomAndSayWhy() {
        Topology topology = topology(primary("p"), replica("r1"), replica("r2"), replica("r3"));
        RouteDecision decision = router.route(topology, READ);
        assertThat(decision.node()).isEqualTo(replica("r1"));
        RouteDecision past = decision.past(crowded("r1", "r2"));
        assertThat(past.node()).isEqualTo(replica("r3"));
        assertThat(past.reason()).isEqualTo("an eligible replica, past r1, which has no room");
        assertThat(past.verdicts()).containsEntry(id("r3"), "chosen: " + past.reason());
        assertThat(past.request()).as("r1 has not failed").isSameAs(decision.request());
    }

    @Test
    void shouldStayWhereNobodyHasRoom() {
        RouteDecision decision = router.route(topology(primary("p"), replica("r1"), replica("r2")), READ);
        assertThat(decision.past(crowded("r1", "r2"))).isSameAs(decision);
    }

    @Test
    void shouldNotGoToALowerRungForRoom() {
        RouteDecision decision =
                router.route(topology(primary("p"), replica("r1"), degraded(replica("r2")), dead(replica("r3"))), READ);
        assertThat(decision.past(crowded("r1"))).isSameAs(decision);
    }

    @Test
    void shouldLeaveTheNodeOfTheLastReadForOneOfItsRung() {
        RouteDecision decision =
                router.route(topology(primary("p"), replica("r1"), replica("r2")), preferring(READ, "r2"));
        assertThat(decision.node()).isEqualTo(replica("r2"));
        assertThat(decision.past(crowded("r2")).node()).isEqualTo(replica("r1"));
    }

    @Test
    void shouldNotGoWhereTheStatementHasFailed() {
        RouteDecision decision =
                router.route(topology(primary("p"), replica("r1"), replica("r2")), without(READ, "r2"));
        assertThat(decision.past(crowded("r1"))).isSameAs(decision);
    }

    @Test
    void shouldWaitForThePrimaryWithWhatIsForIt() {
        Topology topology = topology(primary("p"), replica("r1"));
        RouteDecision write = router.route(topology, WRITE);
        assertThat(write.past(crowded("p"))).isSameAs(write);
        RouteDecision fallback = router.route(topology(primary("p"), dead(replica("r1"))), READ);
        assertThat(fallback.past(crowded("p"))).isSameAs(fallback);
        RouteDecision first = router(ReadPreference.PRIMARY_PREFERRED).route(topology, READ);
        assertThat(first.past(crowded("p"))).isSameAs(first);
    }

    private static Router router(ReadPreference preference) {
        return Router.of(
                SelectionSettings.defaults()
                        .balancedBy(LoadBalancer.roundRobin())
                        .preferring(preference),
                BranchHistory.unknown(),
                () -> 0);
    }

    private static Predicate<NodeState> crowded(String... names) {
        Set<String> full = Set.of(names);
        return node -> full.contains(node.id().name());
    }
}
