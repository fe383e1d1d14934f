package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.Requests.UNKNOWN;
import static io.github.r2dbcrouting.selection.Requests.on;
import static io.github.r2dbcrouting.selection.Requests.preferring;
import static io.github.r2dbcrouting.selection.Requests.requiring;
import static io.github.r2dbcrouting.selection.Requests.without;
import static io.github.r2dbcrouting.selection.RouteRequest.READ;
import static io.github.r2dbcrouting.selection.RouteRequest.WRITE;
import static io.github.r2dbcrouting.topology.Nodes.at;
import static io.github.r2dbcrouting.topology.Nodes.dead;
import static io.github.r2dbcrouting.topology.Nodes.degraded;
import static io.github.r2dbcrouting.topology.Nodes.id;
import static io.github.r2dbcrouting.topology.Nodes.node;
import static io.github.r2dbcrouting.topology.Nodes.position;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.replicaAt;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static io.github.r2dbcrouting.topology.Nodes.unprobed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadRoutingTests {

    private static final Duration LONG = Duration.ofMillis(12_300);

    private final Router router = Router.of(
            SelectionSettings.defaults().balancedBy(LoadBalancer.roundRobin()), BranchHistory.unknown(), () -> 0);
    private final Router strict = Router.of(
            SelectionSettings.defaults().balancedBy(LoadBalancer.roundRobin()).preferring(ReadPreference.REPLICA),
            BranchHistory.unknown(),
            () -> 0);

    @Test
    void shouldTakeEligibleReplicasInTurn() {
        Topology topology = topology(primary("p"), replica("r1"), replica("r2"), replica("r3"));
        assertThat(names(topology, READ, 6)).containsExactly("r1", "r2", "r3", "r1", "r2", "r3");
    }

    @Test
    void shouldTakeNoTurnForWhatIsOnlyLookedAt() {
        Topology topology = topology(primary("p"), replica("r1"), replica("r2"));
        for (String expected : List.of("r1", "r2", "r1")) {
            assertThat(router.preview(topology, READ).node()).isNotNull();
            assertThat(names(topology, READ, 1)).containsExactly(expected);
        }
    }

    @Test
    void shouldLeaveOutReplicasThatAreDeadUnprobedTooLateOrUnmeasured() {
        Topology topology = topology(
                dead(replica("r1")),
                unprobed("r2"),
                replica("r3", LONG),
                node("r4", NodeRole.REPLICA, at(1000, null)),
                node("r5", NodeRole.REPLICA, null),
                replica("r6", Duration.ofSeconds(5)),
                primary("p"));
        assertThat(names(topology, READ, 3)).containsOnly("r6");
        assertThat(router.route(topology, READ).verdicts())
                .containsEntry(id("r1"), "unhealthy: connection refused")
                .containsEntry(id("r2"), "health unknown: not probed yet")
                .containsEntry(id("r3"), "lag 12.3 s > maxLag 5 s")
                .containsEntry(id("r4"), "lag unknown: not measured yet")
                .containsEntry(id("r5"), "lag unknown: no sample yet")
                .containsEntry(id("r6"), "chosen: an eligible replica")
                .containsEntry(id("p"), "primary: reads prefer replicas");
    }

    @Test
    void shouldLeaveOutAReplicaOfAnotherBranch() {
        Topology topology = topology(primary("p"), node("r1", NodeRole.REPLICA, at(2, 900, null)));
        RouteDecision decision = router.route(topology, READ);
        assertThat(decision.node()).isEqualTo(primary("p"));
        assertThat(decision.verdicts()).containsEntry(id("r1"), "lag unknown: on another branch than the primary");
    }

    @Test
    void shouldTellAReadThatFallsBackFromOneThatBelongsToThePrimary() {
        Topology without = topology(primary("p"), dead(replica("r1")));
        assertThat(router.route(without, READ).isFallback()).isTrue();
        assertThat(router.route(without, on(READ, NodeRole.REPLICA)).isFallback())
                .isTrue();
        assertThat(router.route(without, on(READ, NodeRole.PRIMARY)).isFallback())
                .isFalse();
        assertThat(router.route(without, on(READ, "p")).isFallback()).isFalse();
        assertThat(router.route(without, WRITE).isFallback()).isFalse();
        assertThat(router.route(without, on(UNKNOWN, NodeRole.REPLICA)).isFallback())
                .isFalse();
        assertThat(router.route(topology(primary("p")), READ).isFallback()).isFalse();
        assertThat(router.route(topology(dead(replica("r1")), dead(replica("r2"))), READ)
                        .isFallback())
                .isFalse();
        Topology with = topology(primary("p"), replica("r1"));
        assertThat(router.route(with, READ).isFallback()).isFalse();
        assertThat(router.route(with, without(READ, "r1")).isFallback()).isTrue();
    }

    @Test
    void shouldPreferTheReplicaOfTheLastReadWhileItIsEligible() {
        Topology topology = topology(primary("p"), replica("r1"), replica("r2"));
        assertThat(names(topology, preferring(READ, "r2"), 3)).containsOnly("r2");
        assertThat(router.route(topology, preferring(READ, "r2")).reason()).isEqualTo("the node of the last read");
    }

    @Test
    void shouldNotPreferANodeThatIsNotAnEligibleReplica() {
        Topology topology = topology(primary("p"), replica("r1"), replica("r2", LONG));
        assertThat(names(topology, preferring(READ, "p"), 2)).containsOnly("r1");
        assertThat(names(topology, preferring(READ, "r2"), 2)).containsOnly("r1");
        assertThat(names(topology, preferring(without(READ, "r1"), "r1"), 2)).containsOnly("p");
        assertThat(names(topology, preferring(READ, "gone"), 2)).containsOnly("r1");
    }

    @Test
    void shouldUseADegradedReplicaOnlyWhenNoHealthyOneIsEligible() {
        Topology topology = topology(primary("p"), degraded(replica("r1")), replica("r2"), degraded(replica("r3")));
        assertThat(names(topology, READ, 3)).containsOnly("r2");
        assertThat(router.route(topology, READ).verdicts())
                .containsEntry(id("r1"), "degraded: out of connections; serves when no healthy replica is eligible");

        assertThat(names(topology, without(READ, "r2"), 4)).containsOnly("r1", "r3");
        RouteDecision decision = router.route(topology, preferring(without(READ, "r2"), "r1"));
        assertThat(decision.verdicts())
                .containsEntry(id("r1"), "chosen: the node of the last read")
                .containsEntry(id("r2"), "excluded: has just failed to serve this statement")
                .containsEntry(id("r3"), "eligible: it was the turn of another");
    }

    @Test
    void shouldFallBackToThePrimaryAndSayWhyNoReplicaServes() {
        Topology topology =
                topology(primary("p"), dead(replica("r1")), dead(replica("r2")), replica("r3", LONG), unprobed("r4"));
        RouteDecision decision = router.route(topology, READ);
        assertThat(decision.node()).isEqualTo(primary("p"));
        assertThat(decision.reason()).isEqualTo("no eligible replica (2 unhealthy, 1 lag > maxLag, 1 health unknown)");
        assertThat(router.route(topology(primary("p")), READ).reason()).isEqualTo("no replica");
    }

    @Test
    void shouldRefuseWhenTheUserForbidsTheFallback() {
        Topology topology = topology(primary("p"), dead(replica("r1")));
        RouteDecision decision = strict.route(topology, READ);
        assertThat(decision.node()).isNull();
        assertThat(decision.reason())
                .isEqualTo("no eligible replica (1 unhealthy), and the fallback to the primary is off");
        assertThat(decision.verdicts()).containsEntry(id("p"), "primary: the fallback to it is off");
    }

    @Test
    void shouldTakeOnlyReplicasThatHaveCoveredTheRequiredPosition() {
        Topology topology = topology(primary("p"), replicaAt("r1", 500), replicaAt("r2", 700), replicaAt("r3", 499));
        assertThat(names(topology, requiring(READ, position(1, 500)), 4)).containsOnly("r1", "r2");
        assertThat(names(topology, requiring(READ, position(1, 600)), 2)).containsOnly("r2");
        assertThat(names(topology, requiring(READ, position(1, 400)), 3)).containsOnly("r1", "r2", "r3");
        assertThat(router.route(topology, requiring(READ, position(1, 600)))
                        .verdicts()
                        .get(id("r1")))
                .startsWith("has not covered ");
    }

    /** A replica whose fork is not told may stand on the branch of any of the others, and vouches for none of them. */
    @Test
    void shouldTakeNoReplicaOfAnotherBranchForOneThatHasCovered() {
        NodeState other = node("r2", NodeRole.REPLICA, standingOn(new Branch(2, 70L, "r2")));
        Topology topology =
                topology(primary("p"), node("r1", NodeRole.REPLICA, standingOn(Branch.ofTimeline(2))), other);
        assertThat(names(topology, requiring(READ, new LogPosition(new Branch(2, 80L, "r3"), 500)), 3))
                .containsOnly("r1");
    }

    private static Replication standingOn(Branch branch) {
        return new Replication(new LogPosition(branch, 900), 0, Duration.ZERO, Duration.ZERO, ReplicationLink.UNKNOWN);
    }

    @Test
    void shouldTakeThePrimaryForAPositionThatNoReplicaHasCovered() {
        Topology topology = topology(primary("p"), replicaAt("r1", 500));
        RouteDecision late = router.route(topology, requiring(READ, position(1, 501)));
        assertThat(late.node()).isEqualTo(primary("p"));
        assertThat(late.reason()).isEqualTo("no eligible replica has covered the required position");
        RouteDecision incomparable = router.route(topology, requiring(READ, position(2, 1)));
        assertThat(incomparable.node()).isEqualTo(primary("p"));
    }

    @Test
    void shouldNeverChooseANodeThatHasJustFailedTheStatement() {
        Topology topology = topology(primary("p"), replica("r1"), replica("r2"));
        assertThat(names(topology, without(READ, "r1"), 3)).containsOnly("r2");
        RouteDecision last = router.route(topology, without(READ, "r1", "r2"));
        assertThat(last.node()).isEqualTo(primary("p"));
        assertThat(last.reason()).isEqualTo("every eligible replica has just failed to serve this statement");
        RouteDecision none = router.route(topology, without(READ, "r1", "r2", "p"));
        assertThat(none.node()).isNull();
        assertThat(none.reason()).endsWith("and the primary has just failed to serve this statement");
    }

    @Test
    void shouldSayThatReplicasFailedOrAreBehindWhenBothMayBeSo() {
        Topology topology = topology(primary("p"), replica("r1"), replicaAt("r2", 10));
        RouteDecision decision = router.route(topology, requiring(without(READ, "r1"), position(1, 500)));
        assertThat(decision.node()).isEqualTo(primary("p"));
        assertThat(decision.reason())
                .isEqualTo("every eligible replica has just failed to serve this statement"
                        + " or has not covered the required position");
    }

    @Test
    void shouldServeReadsWithoutAPrimaryFromTheLeastBadReplicas() {
        Topology topology = topology(
                dead(primary("p")),
                node("unmeasured", NodeRole.REPLICA, at(1000, null)),
                replica("late", LONG),
                degraded(replica("lateDegraded", LONG)),
                degraded(replica("degraded")),
                replica("fresh"));
        assertThat(names(topology, READ, 2)).containsOnly("fresh");
        assertThat(names(topology, without(READ, "fresh"), 2)).containsOnly("degraded");
        RouteDecision late = router.route(topology, without(READ, "fresh", "degraded"));
        assertThat(late.node()).isEqualTo(replica("late", LONG));
        assertThat(late.reason()).isEqualTo("no primary: any replica, its lag beyond maxLag");
        assertThat(names(topology, without(READ, "fresh", "degraded", "late"), 2))
                .containsOnly("lateDegraded");
        RouteDecision last = router.route(topology, without(READ, "fresh", "degraded", "late", "lateDegraded"));
        assertThat(last.node().id()).isEqualTo(id("unmeasured"));
        assertThat(last.reason()).isEqualTo("no primary: any replica, its lag unknown");
    }

    @Test
    void shouldStillRequireThePositionWithoutAPrimary() {
        Topology topology = topology(dead(primary("p")), replica("r1", LONG), replicaAt("r2", 10));
        RouteDecision decision = router.route(topology, requiring(READ, position(1, 2000)));
        assertThat(decision.node()).isNull();
        assertThat(decision.reason())
                .isEqualTo("no primary, and no eligible replica has covered the required position");
    }

    @Test
    void shouldRefuseWhenNothingIsLeftAtAll() {
        RouteDecision decision = router.route(topology(dead(primary("p")), unprobed("r1")), READ);
        assertThat(decision.node()).isNull();
        assertThat(decision.reason()).isEqualTo("no primary, and no eligible replica (1 unhealthy, 1 health unknown)");
    }

    @Test
    void shouldNotReadFromASecondWritableNode() {
        Topology topology = topology(primary("p"), primary("q"));
        RouteDecision decision = router.route(topology, READ);
        assertThat(decision.node()).isEqualTo(primary("p"));
        assertThat(decision.verdicts()).containsEntry(id("q"), "writable, but not the primary of this topology");
    }

    @Test
    void shouldFollowFromOneSnapshotToTheNextAndExplainOlderOnes() {
        Topology before = topology(primary("p"), replica("r1"));
        Topology after = topology(primary("p"), dead(replica("r1")));
        RouteDecision old = router.route(before, READ);
        assertThat(router.route(after, READ).node()).isEqualTo(primary("p"));
        assertThat(router.route(before, READ).node()).isEqualTo(replica("r1"));
        assertThat(old.topology()).isSameAs(before);
        assertThat(old.verdicts())
                .containsExactly(
                        Map.entry(id("p"), "primary: reads prefer replicas"),
                        Map.entry(id("r1"), "chosen: an eligible replica"));
    }

    @Test
    void shouldReadInOneLine() {
        Topology topology = topology(primary("p"), replica("r1"), replica("r2", LONG));
        assertThat(router.route(topology, READ))
                .hasToString("READ -> r1: an eligible replica"
                        + " | p primary: reads prefer replicas | r2 lag 12.3 s > maxLag 5 s");
        assertThat(strict.route(topology(primary("p")), READ))
                .hasToString("READ -> refused: no replica, and the fallback to the primary is off"
                        + " | p primary: the fallback to it is off");
    }

    private List<String> names(Topology topology, RouteRequest request, int times) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            names.add(router.route(topology, request).node().id().name());
        }
        return names;
    }
}
