package io.github.r2dbcrouting.benchmarks.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SessionDecisionsTests {

    private final SessionDecisions decisions = new SessionDecisions();

    @Test
    void shouldChooseAReplicaWhateverTheSessionHasDone() {
        assertThat(Stream.of(
                                decisions.withoutSession(),
                                decisions.withoutSessionAgain(),
                                decisions.cleanSession(),
                                decisions.coveredSession(),
                                decisions.unaskedSession(),
                                decisions.fencedSession())
                        .map(RouteDecision::node)
                        .map(Objects::requireNonNull)
                        .map(NodeState::role))
                .containsOnly(NodeRole.REPLICA);
    }

    /** Or the check would not have been asked for anything. */
    @Test
    void shouldAskForAPositionWhereTheSessionHasWritten() {
        assertThat(decisions.cleanSession().request().requiredPosition()).isNull();
        assertThat(decisions.coveredSession().request().requiredPosition()).isNotNull();
        assertThat(decisions.fencedSession().request().requiredPosition()).isNotNull();
    }
}
