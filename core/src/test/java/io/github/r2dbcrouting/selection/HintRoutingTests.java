package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.Requests.UNKNOWN;
import static io.github.r2dbcrouting.selection.Requests.on;
import static io.github.r2dbcrouting.selection.Requests.requiring;
import static io.github.r2dbcrouting.selection.Requests.without;
import static io.github.r2dbcrouting.selection.RouteRequest.READ;
import static io.github.r2dbcrouting.selection.RouteRequest.WRITE;
import static io.github.r2dbcrouting.topology.Nodes.dead;
import static io.github.r2dbcrouting.topology.Nodes.id;
import static io.github.r2dbcrouting.topology.Nodes.position;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static io.github.r2dbcrouting.topology.Nodes.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Nodes;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HintRoutingTests {

    private final Router router = Router.of(SelectionSettings.defaults(), BranchHistory.unknown(), () -> 0);
    private final Topology topology =
            topology(primary("p"), replica("r1"), replica("late", Duration.ofSeconds(60)), dead(replica("dead")));
    private final Topology headless = topology(dead(primary("p")), replica("r1"));

    @Test
    void shouldSendWritesAndDoubtfulStatementsToThePrimary() {
        assertThat(router.route(topology, WRITE)).returns(primary("p"), RouteDecision::node);
        assertThat(router.route(topology, WRITE).reason()).isEqualTo("a write");
        assertThat(router.route(topology, UNKNOWN)).returns(primary("p"), RouteDecision::node);
        assertThat(router.route(topology, UNKNOWN).reason()).isEqualTo("not surely a read");
        assertThat(router.route(topology, WRITE).verdicts())
                .containsEntry(id("p"), "chosen: a write")
                .containsEntry(id("r1"), "replica: writes go to the primary")
                .containsEntry(id("dead"), "unhealthy: connection refused");
    }

    @Test
    void shouldRefuseAWriteWithoutAPrimaryAndSayWhatIsWrongWithEachNode() {
        RouteDecision decision = router.route(headless, WRITE);
        assertThat(decision.node()).isNull();
        assertThat(decision.reason()).isEqualTo("no primary: a write");
        assertThat(decision.verdicts())
                .containsEntry(id("p"), "unhealthy: connection refused")
                .containsEntry(id("r1"), "replica: writes go to the primary");
        assertThat(router.route(headless, UNKNOWN).reason()).isEqualTo("no primary: not surely a read");
    }

    @Test
    void shouldNeverTrustASnapshotWhosePrimaryIsNotUsable() {
        Topology broken = new Topology(1, headless.nodes(), headless.nodes().get(0), null);
        assertThat(router.route(broken, WRITE).node()).isNull();
        assertThat(router.route(broken, READ).node()).isEqualTo(replica("r1"));
    }

    @Test
    void shouldRefuseAWriteThatThePrimaryHasJustFailed() {
        RouteDecision decision = router.route(topology, without(WRITE, "p"));
        assertThat(decision.node()).isNull();
        assertThat(decision.reason()).isEqualTo("the primary has just failed to serve this statement");
        assertThat(decision.verdicts())
                .containsEntry(id("p"), "primary, but it has just failed to serve this statement");
    }

    @Test
    void shouldTakeTheNamedNodeAndNoOther() {
        assertThat(router.route(topology, on(READ, "r1")).node()).isEqualTo(replica("r1"));
        assertThat(router.route(topology, on(UNKNOWN, "r1")).node()).isEqualTo(replica("r1"));
        assertThat(router.route(topology, on(READ, "p")).node()).isEqualTo(primary("p"));
        assertThat(router.route(topology, on(WRITE, "p")).node()).isEqualTo(primary("p"));
        assertThat(router.route(topology, on(READ, "r1")).verdicts())
                .containsEntry(id("r1"), "chosen: the named node")
                .containsEntry(id("p"), "another node is named");
    }

    @Test
    void shouldTakeTheNamedNodeThoughItIsLateOrHasJustFailed() {
        assertThat(router.route(topology, on(READ, "late")).node().id()).isEqualTo(id("late"));
        assertThat(router.route(topology, on(without(READ, "r1"), "r1")).node()).isEqualTo(replica("r1"));
    }

    @Test
    void shouldRefuseANamedNodeThatDoesNotExistAndNameThoseThatDo() {
        RouteDecision decision = router.route(topology, on(READ, "r9"));
        assertThat(decision.node()).isNull();
        assertThat(decision.reason()).isEqualTo("no node is named 'r9'; use one of p, r1, late, dead");
    }

    @Test
    void shouldRefuseANamedNodeThatIsNotUsable() {
        RouteDecision decision = router.route(topology, on(READ, "dead"));
        assertThat(decision.node()).isNull();
        assertThat(decision.reason()).isEqualTo("the named node dead is not usable: unhealthy: connection refused");
        assertThat(decision.verdicts()).containsEntry(id("dead"), decision.reason());
    }

    @Test
    void shouldRefuseAWriteOnANamedReplica() {
        RouteDecision decision = router.route(topology, on(WRITE, "r1"));
        assertThat(decision.node()).isNull();
        assertThat(decision.reason()).isEqualTo("a write, but the named node r1 is not the primary");
    }

    @Test
    void shouldRefuseANamedReplicaThatHasNotCoveredTheRequiredPosition() {
        assertThat(router.route(topology, requiring(on(READ, "r1"), position(1, 1000)))
                        .node())
                .isEqualTo(replica("r1"));
        RouteDecision late = router.route(topology, requiring(on(READ, "r1"), position(1, 1001)));
        assertThat(late.node()).isNull();
        assertThat(late.reason()).startsWith("the named node r1: has not covered ");
        assertThat(router.route(topology, requiring(on(READ, "p"), position(1, 1001)))
                        .node())
                .isEqualTo(primary("p"));
    }

    @Test
    void shouldFollowAHintAtARole() {
        assertThat(router.route(topology, on(READ, NodeRole.PRIMARY)).node()).isEqualTo(primary("p"));
        assertThat(router.route(topology, on(READ, NodeRole.PRIMARY)).reason()).isEqualTo("hint at the primary");
        assertThat(router.route(topology, on(READ, NodeRole.PRIMARY)).verdicts())
                .containsEntry(id("r1"), "replica: asked for the primary");
        assertThat(router.route(topology, on(READ, NodeRole.REPLICA)).node()).isEqualTo(replica("r1"));
        assertThat(router.route(topology, on(UNKNOWN, NodeRole.REPLICA)).node()).isEqualTo(replica("r1"));
        assertThat(router.route(headless, on(READ, NodeRole.PRIMARY)).reason())
                .isEqualTo("no primary: hint at the primary");
    }

    @Test
    void shouldRefuseAWriteThatAHintSendsToAReplica() {
        RouteDecision decision = router.route(topology, on(WRITE, NodeRole.REPLICA));
        assertThat(decision.node()).isNull();
        assertThat(decision.refusal()).isEqualTo(Refusal.WRITE_ON_REPLICA);
        assertThat(decision.reason()).isEqualTo("a write, but the hints ask for a replica");
        assertThat(decision.verdicts()).containsEntry(id("p"), "not asked: " + decision.reason());
    }

    @Test
    void shouldSayWhatKindOfRefusalItIs() {
        assertThat(router.route(topology, on(WRITE, "r1")).refusal()).isEqualTo(Refusal.WRITE_ON_REPLICA);
        assertThat(router.route(topology, on(READ, "r9")).refusal()).isEqualTo(Refusal.UNKNOWN_NAME);
        assertThat(router.route(topology, on(READ, "dead")).refusal()).isEqualTo(Refusal.NO_NODE);
        assertThat(router.route(headless, WRITE).refusal()).isEqualTo(Refusal.NO_NODE);
        assertThat(router.route(topology, READ).refusal()).isNull();
    }

    @Test
    void shouldSayOfASettledDecisionThatNobodyElseWasAsked() {
        RouteDecision settled = RouteDecision.settled(READ, topology, primary("p"), "pinned: a transaction");
        assertThat(settled.refusal()).isNull();
        assertThat(settled)
                .hasToString("READ -> p: pinned: a transaction | r1 not asked: the connection is pinned"
                        + " | late not asked: the connection is pinned | dead not asked: the connection is pinned");
    }

    @Test
    void shouldSayOfASecondWritableNodeThatItIsNotThePrimary() {
        Topology two = topology(primary("p"), primary("q"));
        assertThat(router.route(two, WRITE).verdicts())
                .containsEntry(id("q"), "writable, but not the primary of this topology");
        assertThat(router.route(two, on(WRITE, "q")).reason())
                .isEqualTo("a write, but the named node q is not the primary");
    }

    @Test
    void shouldRefuseANodeWhoseRoleIsUnknown() {
        Topology odd =
                topology(Nodes.node("x", NodeRole.UNKNOWN, null), with(replica("y"), NodeHealth.UNHEALTHY, null));
        assertThat(router.route(odd, on(READ, "x")).reason())
                .isEqualTo("the named node x is not usable: role unknown: no reason known");
        assertThat(router.route(odd, on(READ, "y")).reason())
                .isEqualTo("the named node y is not usable: unhealthy: no reason known");
    }
}
