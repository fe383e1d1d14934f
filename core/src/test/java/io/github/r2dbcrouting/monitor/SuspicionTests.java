package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeHealth;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SuspicionTests {

    private final ScriptedCluster cluster = ScriptedCluster.started();
    private final ScriptedCluster.ScriptedNode b = cluster.node("b");

    SuspicionTests() {
        cluster.settle();
        // Just after a regular probe, so that the next one is nearly an interval away.
        int probes = b.probes;
        while (b.probes == probes) {
            cluster.advanceMillis(1);
        }
        cluster.advanceMillis(20);
    }

    private void suspect(String node) {
        cluster.monitor.suspect(ScriptedCluster.id(node), cluster.state(node).generation());
    }

    @Test
    void shouldProbeAtOnce() {
        int probes = b.probes;
        b.refuses("connection refused");
        suspect("b");
        cluster.advanceMillis(2);

        assertThat(b.probes).isEqualTo(probes + 1);
        assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.UNHEALTHY);
    }

    @Test
    void shouldGoOnAtTheUsualPaceAfterwards() {
        suspect("b");
        cluster.advanceMillis(2);
        int probes = b.probes;
        cluster.advanceMillis(890);
        assertThat(b.probes).isEqualTo(probes);
        cluster.advanceMillis(220);
        assertThat(b.probes).isEqualTo(probes + 1);
    }

    @Test
    void shouldProbeOnceMoreRightAfterARunningProbe() {
        b.latency = Duration.ofMillis(100);
        suspect("b");
        cluster.advanceMillis(50);
        int probes = b.probes;
        suspect("b");
        suspect("b");
        cluster.advanceMillis(49);
        assertThat(b.probes).as("probes never overlap").isEqualTo(probes);
        cluster.advanceMillis(1 + ProbeLoop.GAP.toMillis());
        assertThat(b.probes).isEqualTo(probes + 1);
        cluster.advanceMillis(300);
        assertThat(b.probes).isEqualTo(probes + 1);
        assertThat(b.mostRunning).isEqualTo(1);
    }

    @Test
    void shouldNotLetAStormOfSuspicionsBecomeAStormOfProbes() {
        int probes = b.probes;
        for (int millis = 0; millis < 100; millis++) {
            for (int i = 0; i < 100; i++) {
                suspect("b");
            }
            cluster.advanceMillis(1);
        }

        assertThat(b.probes - probes).isBetween(5, 11);
        assertThat(b.mostRunning).isEqualTo(1);
    }

    @Test
    void shouldIgnoreASuspicionAboutAnOlderLife() {
        int probes = b.probes;
        cluster.monitor.suspect(ScriptedCluster.id("b"), cluster.state("b").generation() - 1);
        cluster.monitor.suspect(ScriptedCluster.id("nobody"), 99);
        cluster.advanceMillis(100);

        assertThat(b.probes).isEqualTo(probes);
    }

    @Test
    void shouldIgnoreASuspicionWhilePaused() {
        cluster.monitor.pause().subscribe();
        int probes = b.probes;
        suspect("b");
        cluster.settle();
        assertThat(b.probes).isEqualTo(probes);

        cluster.monitor.start();
        cluster.advanceMillis(50);
        probes = b.probes;
        suspect("b");
        cluster.advanceMillis(5);
        assertThat(b.probes).isEqualTo(probes + 1);
    }

    @Test
    void shouldLookAtEveryNodeAtOnceWhenThePrimaryIsLost() {
        cluster.node("a").refuses("connection refused");
        suspect("a");
        int before = cluster.node("c").probes;
        cluster.advanceMillis(20);

        assertThat(cluster.node("a").probes).isGreaterThanOrEqualTo(2);
        assertThat(cluster.node("c").probes).isGreaterThan(before);
    }
}
