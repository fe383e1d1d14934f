package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeProblem;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClusterMembershipTests {

    @Test
    void shouldRejectANodeOfAnotherCluster() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.node("c").cluster = "7002";
        cluster.settle();

        assertThat(cluster.state("c").health()).isEqualTo(NodeHealth.UNHEALTHY);
        assertThat(cluster.state("c").problem())
                .isEqualTo(NodeProblem.unfit(
                        "belongs to another cluster, system identifier 7002",
                        "that of the others, 7001",
                        "remove it from the nodes"));
        assertThat(cluster.state("c").replication().lag()).isNull();

        cluster.node("c").cluster = "7001";
        cluster.settle();
        assertThat(cluster.state("c").isUsable()).isTrue();
    }

    @Test
    void shouldNotTakeAWritableNodeOfAnotherClusterForARival() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.node("c").primary().cluster = "7002";
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().alarm()).isNull();
    }

    @Test
    void shouldNotTakeAWritableNodeOfAnotherClusterForTheSuccessor() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.node("a").refuses("gone");
        cluster.node("c").primary().cluster = "7002";
        cluster.settle();

        assertThat(cluster.primary()).isNull();
    }

    @Test
    void shouldGoByTheMajorityUntilThereIsAPrimary() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b", "c");
        cluster.node("a").cluster = "7002";
        cluster.node("b").follows("a");
        cluster.node("c").follows("a");
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.state("a").problem()).asString().contains("7002, needed that of the others, 7001");
        assertThat(cluster.state("b").isUsable()).isTrue();
    }

    @Test
    void shouldNotLetAForeignNodeThatAnswersFirstDecide() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b", "c");
        cluster.node("a").primary().cluster = "7002";
        cluster.node("b").primary().latency = Duration.ofMillis(100);
        cluster.node("c").follows("b").latency = Duration.ofMillis(100);
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.state("a").problem()).asString().contains("7002, needed that of the others, 7001");
    }

    @Test
    void shouldGoByTheWritableNodeInATie() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b");
        cluster.node("a").follows("b").cluster = "7002";
        cluster.node("b").primary();
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.state("a").problem()).asString().contains("7002, needed that of the others, 7001");
    }

    @Test
    void shouldStayWithTheClusterOfTheFirstPrimary() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b", "c");
        cluster.node("a").primary();
        cluster.node("b").refuses("down").cluster = "7002";
        cluster.node("c").refuses("down").cluster = "7002";
        cluster.monitor.start();
        cluster.settle();
        cluster.node("b").answers();
        cluster.node("c").answers();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.state("b").isUsable()).isFalse();
    }

    @Test
    void shouldAskForNothingWhereTheDatabaseNamesNoCluster() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b");
        cluster.node("a").primary().cluster = null;
        cluster.node("b").follows("a").cluster = null;
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.state("b").isUsable()).isTrue();
    }

    @Test
    void shouldRefuseALogicalSubscriberByName() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.node("c").primary().subscribesTo("orders_copy").cluster = "7002";
        cluster.settle();

        assertThat(cluster.state("c").problem())
                .asString()
                .contains(
                        "is a logical subscriber (orders_copy)", "7002, needed that of the others, 7001", "remove it");
        assertThat(cluster.primary()).isEqualTo("a");
    }

    @Test
    void shouldTakeThePublisherForThePrimaryWhereverItStands() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b");
        cluster.node("a").primary().subscribesTo("orders_copy").cluster = "7002";
        cluster.node("b").primary();
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.state("a").problem()).asString().contains("is a logical subscriber (orders_copy)");
    }

    @Test
    void shouldLetThePrimarySubscribeToAnotherCluster() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b");
        cluster.node("a").primary().subscribesTo("prices");
        cluster.node("b").follows("a").subscribesTo("prices");
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.state("b").isUsable()).isTrue();
    }

    @Test
    void shouldUseAServerOnceThatIsNamedTwice() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b", "c");
        cluster.node("a").primary();
        cluster.node("b").follows("a");
        cluster.node("c").primary().instance = cluster.node("a").instance;
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().alarm()).isNull();
        assertThat(cluster.state("c").problem())
                .hasToString("is the same server as node a, under another address, needed a server of its own;"
                        + " name each server once");
    }

    @Test
    void shouldUseTheOtherNameOfAServerWhileTheFirstDoesNotAnswer() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b");
        cluster.node("a").refuses("unknown host");
        cluster.node("b").primary().instance = cluster.node("a").instance;
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
    }

    @Test
    void shouldNotUseANodeThatItsProbeFindsUnfitThoughItAnswers() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.node("a").unfit("version 9");
        cluster.node("b").unfit("version 9");
        cluster.settle();

        assertThat(cluster.state("a").isUsable()).isFalse();
        assertThat(cluster.state("a").failures()).isZero();
        assertThat(cluster.primary()).isNull();
        assertThat(cluster.state("b").replication().lag()).isNull();
        cluster.node("a").answers();
        cluster.settle();
        assertThat(cluster.primary()).isEqualTo("a");
    }

    @Test
    void shouldSayThatThePrimaryIsMissingWhereEveryNodeIsAReplica() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b");
        cluster.node("a").follows("hidden");
        cluster.node("b").follows("a");
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.monitor.current().isUsable()).isTrue();
        assertThat(cluster.monitor.current().alarm())
                .isEqualTo("no primary: every node is a replica, a and b; they receive from hidden.test:5432,"
                        + " which is not among the nodes: add it, or promote one of them");
        cluster.node("a").promoted(2);
        cluster.settle();
        assertThat(cluster.monitor.current().alarm()).isNull();
    }
}
