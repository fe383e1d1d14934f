package io.github.r2dbcrouting.benchmarks.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RoutingDecisionsTests {

    private final RoutingDecisions decisions = new RoutingDecisions();
    private final RoutingDecisions.Cursor cursor = new RoutingDecisions.Cursor();

    @Test
    void shouldDecideAmongTenReplicas() {
        Set<NodeId> chosen = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            chosen.add(replicaOf(decisions.decision()));
        }
        assertThat(chosen).hasSize(10);
    }

    @Test
    void shouldTakeEveryTextForARead() {
        for (int i = 0; i < 64; i++) {
            assertThat(replicaOf(decisions.decisionWithLookUp(cursor))).isNotNull();
            assertThat(replicaOf(decisions.decisionWithoutHints(cursor))).isNotNull();
            assertThat(replicaOf(decisions.decisionWithHints(cursor))).isNotNull();
        }
    }

    private static NodeId replicaOf(RouteDecision decision) {
        NodeState node = Objects.requireNonNull(decision.node());
        assertThat(node.role()).isEqualTo(NodeRole.REPLICA);
        return node.id();
    }
}
