package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.monitor.ScriptedCluster.ScriptedNode;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import io.github.r2dbcrouting.topology.TopologyChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class MembershipTests {

    private final ScriptedCluster cluster = ScriptedCluster.started();

    @Test
    void shouldProbeANodeThatIsAddedAndTakeItForWhatItIs() {
        ScriptedNode d = scripted("d").follows("a");
        d.latency = Duration.ofMillis(50);
        succeed(cluster.monitor.add(d.settings));
        assertThat(cluster.state("d").health()).isEqualTo(NodeHealth.UNKNOWN);
        assertThat(cluster.monitor.isReady()).isTrue();

        cluster.settle();

        assertThat(names()).containsExactly("a", "b", "c", "d");
        assertThat(cluster.state("d").isUsable()).isTrue();
        assertThat(cluster.state("d").role()).isEqualTo(NodeRole.REPLICA);
        assertThat(cluster.lag("d")).isLessThanOrEqualTo(ScriptedCluster.INTERVAL.plusMillis(100));
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
    }

    @Test
    void shouldCloseTheConnectionOfANodeThatIsRemovedAndProbeItNoMore() {
        ScriptedNode c = cluster.node("c");
        cluster.settle();
        succeed(cluster.monitor.remove(ScriptedCluster.id("c")));
        int probes = c.probes;
        cluster.settle();

        assertThat(names()).containsExactly("a", "b");
        assertThat(c.closes).isEqualTo(1);
        assertThat(c.connected).isFalse();
        assertThat(c.probes).isEqualTo(probes);
        cluster.monitor.suspect(ScriptedCluster.id("c"), 99);
        cluster.monitor.refresh(ScriptedCluster.id("c"));
        cluster.settle();
        assertThat(c.probes).isEqualTo(probes);
    }

    @Test
    void shouldWaitForTheConnectionOfARemovedNodeWhenItPauses() {
        Sinks.Empty<Void> closed = Sinks.empty();
        cluster.node("c").closing = closed.asMono();
        StepVerifier removing = StepVerifier.create(cluster.monitor.remove(ScriptedCluster.id("c")))
                .expectComplete()
                .verifyLater();
        StepVerifier pausing =
                StepVerifier.create(cluster.monitor.pause()).expectComplete().verifyLater();
        List<String> ended = new ArrayList<>();
        cluster.monitor.pause().subscribe(null, null, () -> ended.add("paused"));
        cluster.advanceMillis(100);
        assertThat(ended).isEmpty();

        closed.tryEmitEmpty().orThrow();
        cluster.advanceMillis(1);

        assertThat(ended).containsExactly("paused");
        removing.verify(Duration.ofSeconds(5));
        pausing.verify(Duration.ofSeconds(5));
    }

    @Test
    void shouldDropALateAnswerOfARemovedNodeAlsoForAnotherOneOfItsName() {
        ScriptedNode former = cluster.node("c");
        former.latency = Duration.ofMillis(400);
        cluster.monitor.refresh(ScriptedCluster.id("c"));
        cluster.advanceMillis(50);
        former.promoted(9);
        succeed(cluster.monitor.remove(ScriptedCluster.id("c")));

        ScriptedNode next = scripted("c").hangs();
        succeed(cluster.monitor.add(next.settings));
        cluster.advanceMillis(450);

        assertThat(cluster.state("c").role()).isEqualTo(NodeRole.UNKNOWN);
        assertThat(cluster.primary()).isEqualTo("a");
    }

    @Test
    void shouldCountTheLivesOfANodeOnFromThoseOfAnotherOfItsName() {
        cluster.node("c").restarted("c started 2");
        cluster.settle();
        assertThat(cluster.state("c").generation()).isEqualTo(2);
        succeed(cluster.monitor.remove(ScriptedCluster.id("c")));
        succeed(cluster.monitor.add(scripted("c").follows("a").settings));
        cluster.settle();

        assertThat(cluster.state("c").generation()).isEqualTo(3);
        assertThat(cluster.state("b").generation()).isEqualTo(1);
    }

    @Test
    void shouldKeepEpochLagAndLineageWhileNodesComeAndGo() {
        cluster.node("a").at(5_000);
        cluster.node("b").at(5_000);
        cluster.settle();
        Topology before = cluster.monitor.current();
        succeed(cluster.monitor.add(scripted("d").follows("a").at(5_000).settings));
        succeed(cluster.monitor.remove(ScriptedCluster.id("c")));
        cluster.settle();

        Topology after = cluster.monitor.current();
        assertThat(after.epoch()).isEqualTo(before.epoch());
        assertThat(after.lineage()).isEqualTo(before.lineage());
        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.lag("b")).isLessThanOrEqualTo(ScriptedCluster.INTERVAL.plusMillis(10));
    }

    @Test
    void shouldRefuseToRemoveThePrimaryUntilAnotherHasTakenOver() {
        assertRefused(
                cluster.monitor.remove(ScriptedCluster.id("a")),
                "node a cannot be removed: it is the primary, and writes have nowhere else to go; switch over to another node"
                        + " first");
        cluster.node("a").refuses("connection refused");
        cluster.node("b").detached();
        cluster.node("c").detached();
        cluster.settle();
        assertRefused(
                cluster.monitor.remove(ScriptedCluster.id("a")),
                "node a cannot be removed: it is the last primary that was seen, and no other has taken over; promote another"
                        + " node first");

        cluster.node("b").promoted(2);
        cluster.node("c").follows("b").on(2);
        cluster.settle();
        assertThat(cluster.primary()).isEqualTo("b");
        succeed(cluster.monitor.remove(ScriptedCluster.id("a")));
        assertThat(names()).containsExactly("b", "c");
        cluster.settle();
        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
    }

    @Test
    void shouldLetAPrimaryThatCannotBeUsedComeBackFromElsewhere() {
        assertRefused(
                cluster.monitor.makeWay(ScriptedCluster.id("a")),
                "node a cannot be removed: it is the primary, and writes have nowhere else to go; switch over to another node"
                        + " first");
        cluster.node("a").refuses("connection refused");
        cluster.settle();
        succeed(cluster.monitor.makeWay(ScriptedCluster.id("a")));
        assertThat(names()).containsExactly("b", "c");
        cluster.settle();
        assertThat(cluster.primary()).isNull();

        ScriptedNode moved = scripted("a").primary();
        succeed(cluster.monitor.add(new NodeSettings(moved.settings.id(), "elsewhere.test", moved.settings.port())));
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
        assertThat(cluster.state("a").settings().host()).isEqualTo("elsewhere.test");
    }

    @Test
    void shouldBeginWithoutNodesAndWaitForTheFirst() {
        ScriptedCluster empty = new ScriptedCluster();
        List<String> seen = new ArrayList<>();
        empty.monitor.ready().subscribe(topology -> seen.add("ready"), error -> seen.add(error.getMessage()));
        empty.monitor.start();
        empty.advance(ScriptedCluster.STARTUP_TIMEOUT);
        assertThat(seen).hasSize(1);
        assertThat(seen.get(0)).startsWith("no usable node within 10000 ms: none was discovered");

        for (String name : List.of("b", "a")) {
            ScriptedNode node = new ScriptedNode(name, empty.time);
            empty.nodes.put(name, name.equals("a") ? node.primary() : node.follows("a"));
            succeed(empty, empty.monitor.add(node.settings));
        }
        empty.settle();

        assertThat(empty.monitor.isReady()).isTrue();
        assertThat(empty.primary()).isEqualTo("a");
        assertThat(empty.monitor.current().epoch()).isEqualTo(1);
    }

    @Test
    void shouldRefuseToRemoveTheLastNodeThatCanBeUsed() {
        ScriptedCluster replicas = new ScriptedCluster("b", "c");
        replicas.node("b").follows("a");
        replicas.node("c").follows("a").refuses("connection refused");
        replicas.monitor.start();
        replicas.settle();

        assertRefused(
                replicas,
                replicas.monitor.remove(ScriptedCluster.id("b")),
                "node b cannot be removed: it is the last one that can be used; add another node first");
        succeed(replicas, replicas.monitor.remove(ScriptedCluster.id("c")));
    }

    @Test
    void shouldRefuseASecondNodeOfTheSameNameOrAddress() {
        assertRefused(
                cluster.monitor.add(new NodeSettings(ScriptedCluster.id("b"), "elsewhere.test", 5432)),
                "node b cannot be added: one of this name is there, at b.test:5432; give it another name, or remove that one"
                        + " first");
        assertRefused(
                cluster.monitor.add(NodeSettings.of("B.test", 5432)),
                "node B.test:5432 cannot be added: its address B.test:5432 is that of node b; name each server once");
        assertThat(names()).containsExactly("a", "b", "c");
    }

    @Test
    void shouldShowAChangeInTheNextSnapshot() {
        List<TopologyChange> changes = new ArrayList<>();
        cluster.monitor.changes().subscribe(changes::add);
        cluster.advanceMillis(1);
        succeed(cluster.monitor.change(
                ScriptedCluster.id("b"),
                node -> node.in("eu").sharing(node.share().withWeight(7))));

        assertThat(cluster.state("b").settings().share().weight()).isEqualTo(7);
        assertThat(cluster.state("b").settings().region()).isEqualTo("eu");
        assertThat(cluster.state("b").isUsable()).isTrue();
        assertThat(changes).hasSize(1);
        cluster.settle();
        assertThat(cluster.state("b").settings().share().weight()).isEqualTo(7);
    }

    @Test
    void shouldRefuseAChangeOfWhatMakesTheNode() {
        assertRefused(
                cluster.monitor.change(ScriptedCluster.id("b"), node -> NodeSettings.of("other", 1)),
                "node b cannot be changed from b.test:5432 to other:1 at other:1: name and address stay; add the new one as a"
                        + " node of its own and remove this one");
        assertRefused(
                cluster.monitor.change(ScriptedCluster.id("z"), node -> node),
                "node z cannot be changed: there is none of that name, the nodes are a, b, c");
        assertRefused(
                cluster.monitor.change(
                        ScriptedCluster.id("b"),
                        node -> node.sharing(node.share().withWeight(0))),
                "weight must be 1 to 1000, got 0; to give a node no reads, drain or exclude it");
    }

    @Test
    void shouldRefuseALimitOfTheLagThatCannotBeKeptTo() {
        String reason = ": what is known of a replica is as old as the probe interval, so use PT1S to PT876000H,"
                + " a hundred years";
        assertRefused(
                cluster.monitor.change(ScriptedCluster.id("b"), node -> node.within(Duration.ofMillis(999))),
                "node b cannot be changed with a maxLag of PT0.999S" + reason);
        assertRefused(
                cluster.monitor.change(
                        ScriptedCluster.id("b"), node -> node.within(Duration.ofSeconds(Long.MAX_VALUE))),
                "node b cannot be changed with a maxLag of PT2562047788015215H30M7S" + reason);
        assertRefused(
                cluster.monitor.add(NodeSettings.of("d.test", 1).within(Duration.ofMillis(1))),
                "node d.test:1 cannot be added with a maxLag of PT0.001S" + reason);
        assertThat(names()).containsExactly("a", "b", "c");
        assertThat(cluster.state("b").settings().maxLag()).isNull();

        succeed(cluster.monitor.change(ScriptedCluster.id("b"), node -> node.within(ScriptedCluster.INTERVAL)));
        assertThat(cluster.state("b").settings().maxLag()).isEqualTo(ScriptedCluster.INTERVAL);
    }

    @Test
    void shouldChangeNodesWhileNothingIsWatched() {
        succeed(cluster.monitor.pause());
        succeed(cluster.monitor.add(scripted("d").follows("a").settings));
        succeed(cluster.monitor.remove(ScriptedCluster.id("c")));
        cluster.settle();
        assertThat(cluster.node("d").probes).isZero();

        cluster.monitor.start();
        cluster.settle();

        assertThat(names()).containsExactly("a", "b", "d");
        assertThat(cluster.monitor.current().nodes()).allMatch(NodeState::isUsable);
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
    }

    @Test
    void shouldChangeNothingAfterTheEnd() {
        succeed(cluster.monitor.dispose());
        assertRefused(
                cluster.monitor.add(NodeSettings.of("late", 1)),
                "the nodes cannot be changed any more: the monitor has ended");
    }

    private ScriptedNode scripted(String name) {
        ScriptedNode node = new ScriptedNode(name, cluster.time);
        cluster.nodes.put(name, node);
        return node;
    }

    private List<String> names() {
        return cluster.monitor.current().nodes().stream()
                .map(node -> node.id().name())
                .toList();
    }

    private void succeed(Mono<Void> change) {
        succeed(cluster, change);
    }

    private static void succeed(ScriptedCluster cluster, Mono<Void> change) {
        StepVerifier changing = StepVerifier.create(change).expectComplete().verifyLater();
        cluster.advanceMillis(1);
        changing.verify(Duration.ofSeconds(5));
    }

    private void assertRefused(Mono<Void> change, String reason) {
        assertRefused(cluster, change, reason);
    }

    private static void assertRefused(ScriptedCluster cluster, Mono<Void> change, String reason) {
        StepVerifier changing =
                StepVerifier.create(change).expectErrorMessage(reason).verifyLater();
        cluster.advanceMillis(1);
        changing.verify(Duration.ofSeconds(5));
    }
}
