package io.github.r2dbcrouting.switches;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.selection.SelectionSettings;
import io.github.r2dbcrouting.switches.ShadowCounts.ShadowedRead;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShadowTallyTests {

    private static final NodeId PRIMARY = new NodeId("p");

    private final ShadowTally tally = new ShadowTally();
    private final Router router = Router.of(SelectionSettings.defaults(), BranchHistory.unknown(), () -> 0);
    private final Topology topology = topology();

    @Test
    void shouldCountWhereReadsWouldHaveGoneAndWhy() {
        RouteDecision fallback = router.route(topology, RouteRequest.READ);
        RouteDecision refused =
                router.route(topology, RouteRequest.READ.wishing(RoutingHints.of(new NodeId("nobody"))));
        tally.record("SELECT a", fallback);
        tally.record("SELECT b", fallback);
        tally.record("SELECT c", refused);
        ShadowCounts counts = tally.counts();
        assertThat(counts.total()).isEqualTo(3);
        assertThat(counts.onPrimary()).isEqualTo(2);
        assertThat(counts.onReplicas()).isZero();
        assertThat(counts.refused()).isEqualTo(1);
        assertThat(counts.byNode()).isEqualTo(Map.of(PRIMARY, 2L));
        assertThat(counts.byReason()).containsEntry("no replica", 2L).hasSize(2);
        assertThat(counts.sample())
                .startsWith(
                        new ShadowedRead("SELECT a", PRIMARY, "no replica"),
                        new ShadowedRead("SELECT b", PRIMARY, "no replica"));
    }

    @Test
    void shouldKeepOnlySoManyReasonsAndReads() {
        for (int i = 0; i < 300; i++) {
            tally.record(
                    "SELECT " + i,
                    router.route(topology, RouteRequest.READ.wishing(RoutingHints.of(new NodeId("n" + i)))));
        }
        ShadowCounts counts = tally.counts();
        assertThat(counts.byReason()).hasSize(101).containsEntry("others", 200L);
        assertThat(counts.sample()).hasSize(100);
        assertThat(counts.sample().get(0).sql()).isEqualTo("SELECT 200");
        assertThat(counts.sample().get(99).sql()).isEqualTo("SELECT 299");
    }

    /** Nodes come and go. */
    @Test
    void shouldCountOnlySoManyNodes() {
        for (int i = 0; i < 300; i++) {
            tally.record("SELECT 1", router.route(topology(new NodeId("p" + i)), RouteRequest.READ));
        }
        assertThat(tally.counts().byNode()).hasSize(101).containsEntry(new NodeId("others"), 200L);
    }

    private static Topology topology() {
        return topology(PRIMARY);
    }

    private static Topology topology(NodeId name) {
        NodeState primary = new NodeState(
                new NodeSettings(name, "p", 5432), NodeRole.PRIMARY, NodeHealth.HEALTHY, 0, 1, null, null, null);
        return new Topology(1, List.of(primary), primary, null);
    }
}
