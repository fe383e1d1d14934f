package io.github.r2dbcrouting.acquiring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.selection.SelectionSettings;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConfirmationTests {

    private static final NodeSettings REPLICA = NodeSettings.of("replica", 5432);
    private static final long SAMPLED_AT = 1_000;
    private static final BranchHistory HISTORY = BranchHistory.unknown();

    @Test
    void shouldHoldForAConnectionOfThePresentLifeOfTheNode() {
        Topology topology = topology(replica(3, NodeRole.REPLICA, 500));
        assertThat(lease(3, 0, null).holds(decision(topology, null), topology, HISTORY))
                .isTrue();
    }

    @Test
    void shouldNotHoldForAConnectionOfAnOlderLife() {
        Topology topology = topology(replica(3, NodeRole.REPLICA, 500));
        assertThat(lease(2, 0, null).holds(decision(topology, null), topology, HISTORY))
                .isFalse();
    }

    @Test
    void shouldNotHoldWhenTheNodeChangedSinceTheDecision() {
        Topology decided = topology(replica(3, NodeRole.REPLICA, 500));
        Topology restarted = topology(replica(4, NodeRole.REPLICA, 500));
        Topology promoted = topology(replica(3, NodeRole.PRIMARY, 500));
        RouteDecision decision = decision(decided, null);
        assertThat(lease(3, 0, null).holds(decision, restarted, HISTORY)).isFalse();
        assertThat(lease(3, 0, null).holds(decision, promoted, HISTORY)).isFalse();
        assertThat(lease(3, 0, null).holds(decision, Topology.unprobed(List.of()), HISTORY))
                .isFalse();
    }

    @Test
    void shouldNotHoldWhenTheNodeNoLongerAnswers() {
        Topology decided = topology(replica(3, NodeRole.REPLICA, 500));
        Topology silent = topology(replica(3, NodeRole.REPLICA, NodeHealth.UNHEALTHY, 500));
        assertThat(lease(3, 0, null).holds(decision(decided, null), silent, HISTORY))
                .isFalse();
    }

    @Test
    void shouldCountASampleThatWasTakenWhileTheConnectionWasOpen() {
        Topology topology = topology(replica(3, NodeRole.REPLICA, 500));
        RouteDecision decision = decision(topology, 500L);
        assertThat(lease(3, SAMPLED_AT, null).holds(decision, topology, HISTORY))
                .isTrue();
    }

    @Test
    void shouldNotCountASampleFromBeforeTheConnectionWasOpened() {
        Topology topology = topology(replica(3, NodeRole.REPLICA, 500));
        RouteDecision decision = decision(topology, 500L);
        assertThat(lease(3, SAMPLED_AT + 1, null).holds(decision, topology, HISTORY))
                .isFalse();
        assertThat(lease(3, SAMPLED_AT + 1, 499L).holds(decision, topology, HISTORY))
                .isFalse();
    }

    @Test
    void shouldCountThePositionThatTheConnectionToldWhenItWasOpened() {
        Topology topology = topology(replica(3, NodeRole.REPLICA, 500));
        RouteDecision decision = decision(topology, 500L);
        assertThat(lease(3, SAMPLED_AT + 1, 500L).holds(decision, topology, HISTORY))
                .isTrue();
    }

    private static Confirmation lease(long generation, long openedAt, @Nullable Long lsn) {
        return new Confirmation(REPLICA.id(), generation, openedAt, lsn == null ? null : position(lsn));
    }

    private static RouteDecision decision(Topology topology, @Nullable Long required) {
        RouteRequest request = new RouteRequest(
                Access.READ,
                RoutingHints.NONE,
                required == null ? null : PositionBound.of(position(required)),
                null,
                Set.of());
        return Router.of(SelectionSettings.defaults(), HISTORY, () -> 0).route(topology, request);
    }

    private static Topology topology(NodeState node) {
        return new Topology(1, List.of(node), null, null);
    }

    private static NodeState replica(long generation, NodeRole role, long lsn) {
        return replica(generation, role, NodeHealth.HEALTHY, lsn);
    }

    private static NodeState replica(long generation, NodeRole role, NodeHealth health, long lsn) {
        return new NodeState(
                REPLICA,
                role,
                health,
                0,
                generation,
                null,
                new Replication(
                        position(lsn), SAMPLED_AT, Duration.ofMillis(1), Duration.ZERO, ReplicationLink.UNKNOWN),
                null);
    }

    private static LogPosition position(long lsn) {
        return new LogPosition(Branch.ofTimeline(1), lsn);
    }
}
