package io.github.r2dbcrouting.selector;

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
import static io.github.r2dbcrouting.topology.Nodes.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each rule about single nodes by itself. */
class NodeConditionTests {

    private static final BranchHistory HISTORY = BranchHistory.unknown();

    @Test
    void shouldAskForANodeThatAnswersAndWhoseRoleIsKnown() {
        NodeCondition usable = NodeCondition.usable();
        NodeState roleless = node("r3", NodeRole.UNKNOWN, null);
        assertThat(passing(usable, primary("p"), replica("r1"), degraded(replica("r2"))))
                .containsExactly("p", "r1", "r2");
        assertThat(objection(usable, dead(replica("r1")))).isEqualTo("unhealthy: connection refused");
        assertThat(objection(usable, unprobed("r1"))).isEqualTo("health unknown: not probed yet");
        assertThat(objection(usable, roleless)).isEqualTo("role unknown: no reason known");
        assertThat(usable).hasToString("usable");
    }

    @Test
    void shouldAskForAReplica() {
        NodeCondition replica = NodeCondition.replica();
        assertThat(passing(replica, primary("p"), replica("r1"))).containsExactly("r1");
        assertThat(objection(replica, node("w", NodeRole.PRIMARY, at(1, null))))
                .isEqualTo("writable, but not the primary of this topology");
        assertThat(replica).hasToString("replica");
    }

    @Test
    void shouldAskForAReplicaOrThePrimaryAndNotAnotherNodeThatCouldBeWritten() {
        NodeCondition member = NodeCondition.member();
        assertThat(passing(member, primary("p"), primary("second"), replica("r1")))
                .containsExactly("p", "r1");
        assertThat(member).hasToString("replica or primary");
    }

    @Test
    void shouldLeaveOutWhatOperatorsHaveExcluded() {
        NodeCondition notExcluded =
                NodeCondition.notExcluded(Map.of(id("r2"), "it is drained", id("r1"), "by an operator"));
        assertThat(passing(notExcluded, replica("r1"), replica("r2"), replica("r3")))
                .containsExactly("r3");
        assertThat(objection(notExcluded, replica("r2"))).isEqualTo("excluded: it is drained");
        assertThat(notExcluded).hasToString("not excluded {r1=by an operator, r2=it is drained}");
    }

    @Test
    void shouldLeaveOutWhatFailsStatementAfterStatement() {
        NodeCondition notFailing = NodeCondition.notFailing();
        NodeState failing = with(
                replica("r1"), NodeHealth.DEGRADED, new NodeProblem(NodeProblem.Kind.FAILING, "is left out", "", ""));
        assertThat(passing(notFailing, failing, degraded(replica("r2")), replica("r3")))
                .containsExactly("r2", "r3");
        assertThat(objection(notFailing, failing)).isEqualTo("failing: is left out");
        assertThat(notFailing).hasToString("not failing");
    }

    @Test
    void shouldAskForALagThatIsKnown() {
        NodeCondition known = NodeCondition.lagKnown(HISTORY);
        assertThat(passing(known, replica("r1", Duration.ofDays(1)))).containsExactly("r1");
        assertThat(objection(known, node("r1", NodeRole.REPLICA, null))).isEqualTo("lag unknown: no sample yet");
        assertThat(objection(known, node("r1", NodeRole.REPLICA, at(1, null))))
                .isEqualTo("lag unknown: not measured yet");
        assertThat(objection(known, node("r1", NodeRole.REPLICA, at(2, 1, null))))
                .isEqualTo("lag unknown: on another branch than the primary");
        assertThat(known).hasToString("lag known");
    }

    @Test
    void shouldLeaveOutWhatIsTooFarBehind() {
        NodeCondition within = NodeCondition.lagWithin(Duration.ofSeconds(5), Map.of(id("r3"), Duration.ofSeconds(60)));
        assertThat(passing(
                        within,
                        replica("r1", Duration.ofSeconds(5)),
                        replica("r2", Duration.ofMillis(5_001)),
                        replica("r3", Duration.ofSeconds(60)),
                        node("unknown", NodeRole.REPLICA, at(1, null))))
                .containsExactly("r1", "r3", "unknown");
        assertThat(objection(within, replica("r2", Duration.ofMillis(5_001)))).isEqualTo("lag 5.001 s > maxLag 5 s");
        assertThat(within).hasToString("lag within 5 s, other limits for [r3]");
        assertThat(NodeCondition.lagWithin(Duration.ofMillis(500))).hasToString("lag within 0.5 s");
    }

    @Test
    void shouldLeaveOutWhatCannotBeShownToBeFreshEnough() {
        long now = Duration.ofSeconds(3).toNanos();
        NodeCondition fresh = NodeCondition.staleAtMost(Duration.ofSeconds(5), now);
        assertThat(passing(
                        fresh,
                        primary("p"),
                        replica("r1", Duration.ofSeconds(2)),
                        replica("r2", Duration.ofMillis(2_001))))
                .containsExactly("p", "r1");
        assertThat(objection(fresh, replica("r2", Duration.ofMillis(2_001))))
                .isEqualTo("may be stale by 5.001 s > bound 5 s");
        assertThat(objection(fresh, node("r1", NodeRole.REPLICA, null)))
                .isEqualTo("staleness unknown: no lag was measured yet");
        assertThat(fresh).hasToString("stale by at most 5 s");
    }

    @Test
    void shouldLeaveOutWhatHasNotCoveredAPosition() {
        NodeCondition covering = NodeCondition.covering(PositionBound.of(position(1, 500)), HISTORY);
        assertThat(passing(
                        covering,
                        primary("p"),
                        replicaAt("r1", 500),
                        replicaAt("r2", 499),
                        node("r3", NodeRole.REPLICA, null)))
                .containsExactly("p", "r1");
        assertThat(objection(covering, replicaAt("r2", 499))).isEqualTo("has not covered 0/1F4@1");
        assertThat(objection(NodeCondition.covering(PositionBound.LOST, HISTORY), replicaAt("r1", 500)))
                .isEqualTo("is not known to show what the session has seen");
        assertThat(covering).hasToString("covering 0/1F4@1");
    }

    @Test
    void shouldCallARuleOfTheUsersByItsName() {
        NodeSelector two = NodeSelector.named("only two", (topology, nodes) -> nodes.subList(0, 2));
        assertThat(passing(two, replica("r1"), replica("r2"), replica("r3"))).containsExactly("r1", "r2");
        assertThat(two).hasToString("only two");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeSelector.named(" ", two))
                .withMessage("a selector's name must not be blank");
    }

    /** A snapshot whose primary is the first one, and p if there is none. */
    private static Topology snapshot(NodeState... nodes) {
        Topology own = topology(nodes);
        return own.primary() == null ? new Topology(1, List.of(nodes), primary("p"), null) : own;
    }

    private static List<String> passing(NodeSelector rule, NodeState... nodes) {
        return rule.select(snapshot(nodes), List.of(nodes)).stream()
                .map(node -> node.id().name())
                .toList();
    }

    private static String objection(NodeCondition condition, NodeState node) {
        Objection objection = condition.objection(new Topology(1, List.of(node), primary("p"), null), node);
        return objection == null ? null : objection.text();
    }
}
