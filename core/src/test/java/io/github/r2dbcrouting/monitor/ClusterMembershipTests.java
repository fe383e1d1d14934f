package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeHealth;
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
                .isEqualTo("belongs to another cluster: system identifier 7002, expected 7001;"
                        + " remove it from the nodes");
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

        assertThat(cluster.state("a").problem()).contains("7002, expected 7001");
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
        assertThat(cluster.state("a").problem()).contains("7002, expected 7001");
    }

    @Test
    void shouldGoByTheWritableNodeInATie() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b");
        cluster.node("a").follows("b").cluster = "7002";
        cluster.node("b").primary();
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.state("a").problem()).contains("7002, expected 7001");
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
}
