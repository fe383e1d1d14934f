package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.RouteRequest.READ;
import static io.github.r2dbcrouting.topology.Nodes.degraded;
import static io.github.r2dbcrouting.topology.Nodes.id;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeProblem.Kind;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import org.junit.jupiter.api.Test;

/** Where reads go while replicas answer their probes and fail statements. */
class FailingReplicaTests {

    private static final SelectionSettings IN_TURN =
            SelectionSettings.defaults().balancedBy(LoadBalancer.roundRobin());

    private final Router router = Router.of(IN_TURN, BranchHistory.unknown(), () -> 0);
    private final Router strict =
            Router.of(IN_TURN.preferring(ReadPreference.REPLICA), BranchHistory.unknown(), () -> 0);

    private static NodeState failing(String name) {
        return replica(name).degraded(new NodeProblem(Kind.FAILING, "is left out for 5 s", "", ""));
    }

    private static String chosen(Router router, Topology topology) {
        return router.route(topology, READ).node().id().name();
    }

    @Test
    void shouldReadOnThePrimaryRatherThanOnAReplicaThatFails() {
        Topology topology = topology(primary("p"), failing("r1"), failing("r2"));

        assertThat(chosen(router, topology)).isEqualTo("p");
        assertThat(router.route(topology, READ).isFallback()).isTrue();
        assertThat(router.route(topology, READ).reason()).isEqualTo("no eligible replica (2 failing)");
        assertThat(router.route(topology, READ).verdicts()).containsEntry(id("r1"), "failing: is left out for 5 s");
    }

    @Test
    void shouldReadOnAReplicaInAnyOtherTroubleRatherThanOnThePrimary() {
        assertThat(chosen(router, topology(primary("p"), failing("r1"), degraded(replica("r2")))))
                .isEqualTo("r2");
    }

    @Test
    void shouldReadOnOneThatFailsWhereThereIsNothingElse() {
        assertThat(chosen(router, topology(failing("r1")))).isEqualTo("r1");
        assertThat(chosen(router, topology(failing("r1"), replica("r2")))).isEqualTo("r2");
        assertThat(chosen(strict, topology(primary("p"), failing("r1")))).isEqualTo("r1");
    }
}
