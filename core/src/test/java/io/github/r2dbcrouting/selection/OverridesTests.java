package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.topology.Nodes.id;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OverridesTests {

    private static final Topology TOPOLOGY =
            topology(primary("p"), replica("r1"), replica("late", Duration.ofSeconds(12)));

    private Overrides switched = Overrides.NONE;
    private final Router router =
            Router.of(SelectionSettings.defaults(), BranchHistory.unknown(), () -> 0, new NodeLoads(), () -> switched);

    @Test
    void shouldGiveAnExcludedNodeNoReadsUntilItIsIncludedAgain() {
        assertThat(read()).isEqualTo(id("r1"));
        switched = switched.excluding(id("r1"));
        assertThat(read()).isEqualTo(id("p"));
        assertThat(router.route(TOPOLOGY, RouteRequest.READ).verdicts())
                .containsEntry(id("r1"), "excluded: by an operator");
        switched = switched.including(id("r1"));
        assertThat(read()).isEqualTo(id("r1"));
    }

    @Test
    void shouldSayWhyANodeStaysExcludedWhenTheSwitchOfAnOperatorExpires() {
        switched = Overrides.NONE
                .excluding(id("r1"))
                .until(Map.of(new OperatorSwitch(OperatorSwitch.Kind.EXCLUSION, id("r1")), "03:15"));
        assertThat(router.route(TOPOLOGY, RouteRequest.READ).verdicts())
                .containsEntry(id("r1"), "excluded: by an operator until 03:15");
        switched = switched.excluding(id("r1"), "it is drained");
        assertThat(router.route(TOPOLOGY, RouteRequest.READ).verdicts())
                .containsEntry(id("r1"), "excluded: it is drained");
    }

    @Test
    void shouldMeasureLagAgainstWhatAnOperatorSays() {
        switched = Overrides.NONE.excluding(id("r1")).maxLag(null, Duration.ofSeconds(20));
        assertThat(read()).isEqualTo(id("late"));
    }

    @Test
    void shouldNotLookAtLagsWhileThatIsSwitchedOff() {
        switched = Overrides.NONE.lagChecks(false).excluding(id("r1"));
        assertThat(read()).isEqualTo(id("late"));
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Overrides.NONE.replicaShare(101))
                .withMessage("the replica share must be 0 to 100 %, got 101");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Overrides.NONE.maxLag(null, Duration.ZERO))
                .withMessage("maxLag must be positive, got PT0S");
    }

    @Test
    void shouldReadOnThePrimaryWhileRoutingIsSwitchedOff() {
        switched = Overrides.NONE.routing(false).until(Map.of(OperatorSwitch.of(OperatorSwitch.Kind.ROUTING), "03:15"));
        RouteDecision decision = router.route(TOPOLOGY, RouteRequest.READ);
        assertThat(decision.reason()).isEqualTo("routing is switched off until 03:15");
        assertThat(decision.isFallback()).isFalse();
        assertThat(decision.verdicts())
                .containsEntry(id("p"), "chosen: routing is switched off until 03:15")
                .containsEntry(id("r1"), "not asked: routing is switched off until 03:15");
        assertThat(read(RoutingHints.of(NodeRole.REPLICA))).isEqualTo(id("p"));
        // Who names a node has left nothing to the routing.
        assertThat(read(RoutingHints.of(id("r1")))).isEqualTo(id("r1"));
    }

    @Test
    void shouldWaitForThePrimaryWhereReplicasAreSwitchedOff() {
        switched = Overrides.NONE.routing(false);
        Topology leaderless = topology(replica("r1"), replica("r2"));
        RouteDecision decision = router.route(leaderless, RouteRequest.READ);
        assertThat(decision.refusal()).isEqualTo(RouteDecision.Refusal.NO_NODE);
        assertThat(decision.reason()).isEqualTo("no primary: routing is switched off");
        assertThat(router.route(TOPOLOGY, RouteRequest.READ.excluding(id("p"))).reason())
                .isEqualTo("routing is switched off, and the primary has just failed to serve this statement");
    }

    @Test
    void shouldStillRefuseWritesOnReplicasWhileRoutingIsSwitchedOff() {
        switched = Overrides.NONE.routing(false);
        RouteRequest write = RouteRequest.WRITE.wishing(RoutingHints.of(NodeRole.REPLICA));
        assertThat(router.route(TOPOLOGY, write).refusal()).isEqualTo(RouteDecision.Refusal.WRITE_ON_REPLICA);
    }

    @Test
    void shouldSendAsManyLotsToReplicasAsTheShareSays() {
        for (int share : new int[] {0, 1, 25, 99, 100}) {
            switched = Overrides.NONE.replicaShare(share);
            assertThat(IntStream.range(0, Overrides.LOTS).filter(this::isReadOnReplica))
                    .hasSize(share);
        }
    }

    @Test
    void shouldOnlyMoveLotsToReplicasWhenTheShareGrows() {
        boolean[] onReplica = new boolean[Overrides.LOTS];
        for (int share = 0; share <= 100; share++) {
            switched = Overrides.NONE.replicaShare(share);
            for (int lot = 0; lot < Overrides.LOTS; lot++) {
                boolean now = isReadOnReplica(lot);
                assertThat(now || !onReplica[lot]).isTrue();
                onReplica[lot] = now;
            }
        }
    }

    @Test
    void shouldSayThatAReadStaysOnThePrimaryForTheShare() {
        switched = Overrides.NONE.replicaShare(25);
        RouteDecision decision = router.route(TOPOLOGY, RouteRequest.READ.ofLot(25));
        assertThat(decision.reason()).isEqualTo("one of the reads that stay on the primary: the replica share is 25 %");
        assertThat(decision.isFallback()).isFalse();
        RouteDecision ofNobody = router.preview(TOPOLOGY, RouteRequest.READ);
        assertThat(ofNobody.node().id()).isEqualTo(id("r1"));
        assertThat(ofNobody.reason())
                .isEqualTo(
                        "an eligible replica, for 25 % of the sessions; the reads of the others stay on the primary");
        switched = Overrides.NONE.replicaShare(0);
        assertThat(read()).isEqualTo(id("p"));
    }

    @Test
    void shouldRecordInShadowModeWhatWouldHaveBeenDecided() {
        switched = Overrides.NONE.shadow(true);
        RouteDecision decision = router.route(TOPOLOGY, RouteRequest.READ);
        assertThat(Objects.requireNonNull(decision.node()).id()).isEqualTo(id("p"));
        assertThat(decision.reason()).isEqualTo("shadow mode: would have gone to r1: an eligible replica");
        RouteDecision shadowed = Objects.requireNonNull(decision.shadowed());
        assertThat(Objects.requireNonNull(shadowed.node()).id()).isEqualTo(id("r1"));
        assertThat(decision.isFallback()).isFalse();
        assertThat(decision.verdicts())
                .containsEntry(id("r1"), "in shadow mode chosen: an eligible replica")
                .containsEntry(id("late"), "in shadow mode lag 12 s > maxLag 5 s");
        assertThat(router.route(TOPOLOGY, RouteRequest.WRITE).shadowed()).isNull();
    }

    @Test
    void shouldCountNoFallbackInShadowMode() {
        switched = Overrides.NONE.shadow(true);
        RouteDecision decision = router.route(TOPOLOGY, RouteRequest.READ.excluding(id("r1")));
        assertThat(decision.isFallback()).isFalse();
        assertThat(Objects.requireNonNull(decision.shadowed()).isFallback()).isTrue();
    }

    @Test
    void shouldGiveNothingToAnExcludedNodeThatIsNamed() {
        switched = Overrides.NONE.excluding(id("r1"));
        RouteDecision decision = router.route(TOPOLOGY, RouteRequest.READ.wishing(RoutingHints.of(id("r1"))));
        assertThat(decision.refusal()).isEqualTo(RouteDecision.Refusal.NO_NODE);
        assertThat(decision.reason()).isEqualTo("the named node r1: excluded: by an operator");
        // Writes need it, and so do the reads that fall back.
        switched = Overrides.NONE.excluding(id("p"));
        assertThat(read(RoutingHints.of(id("p")))).isEqualTo(id("p"));
        assertThat(read(RoutingHints.of(NodeRole.PRIMARY))).isEqualTo(id("p"));
    }

    @Test
    void shouldKeepAPromisedBoundWhileLagsAreNotLookedAt() {
        switched = Overrides.NONE.lagChecks(false).excluding(id("r1"));
        assertThat(read(RoutingHints.of(Consistency.bounded(Duration.ofSeconds(2)))))
                .isEqualTo(id("p"));
        assertThat(read(RoutingHints.ofMaxLag(Duration.ofSeconds(2)))).isEqualTo(id("late"));
    }

    @Test
    void shouldTakeBackWhatWasSwitched() {
        Overrides all = Overrides.NONE
                .routing(false)
                .lagChecks(false)
                .excluding(id("r1"))
                .maxLag(null, Duration.ofSeconds(9))
                .maxLag(id("late"), Duration.ofSeconds(20))
                .replicaShare(25)
                .shadow(true);
        assertThat(all.maxLags()).containsOnlyKeys(id("late"));
        Overrides none = all.routing(true)
                .lagChecks(true)
                .including(id("r1"))
                .maxLag(null, null)
                .maxLag(id("late"), null)
                .replicaShare(100)
                .shadow(false);
        assertThat(none).isEqualTo(Overrides.NONE);
    }

    private boolean isReadOnReplica(int lot) {
        NodeState node = router.route(TOPOLOGY, RouteRequest.READ.ofLot(lot)).node();
        return Objects.requireNonNull(node).role() == NodeRole.REPLICA;
    }

    private NodeId read(RoutingHints hints) {
        NodeState node =
                router.route(TOPOLOGY, RouteRequest.READ.wishing(hints)).node();
        return Objects.requireNonNull(node).id();
    }

    private NodeId read() {
        NodeState node = router.route(TOPOLOGY, RouteRequest.READ).node();
        return Objects.requireNonNull(node).id();
    }
}
