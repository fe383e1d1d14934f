package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.PositionBound;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Samples that somebody waits for. */
class RefreshTests {

    private final ScriptedCluster cluster = ScriptedCluster.started();
    private final ScriptedCluster.ScriptedNode b = cluster.node("b");

    RefreshTests() {
        cluster.settle();
        // Just after a regular probe, so that the next one is nearly an interval away.
        int probes = b.probes;
        while (b.probes == probes) {
            cluster.advanceMillis(1);
        }
        cluster.advanceMillis(20);
    }

    private void refresh(String node) {
        cluster.monitor.refresh(ScriptedCluster.id(node));
    }

    private long sampledAt() {
        return cluster.state("b").replication().sampledAt();
    }

    @Test
    void shouldSampleAtOnce() {
        long asked = cluster.now();
        refresh("b");
        cluster.advanceMillis(2);

        assertThat(sampledAt()).isGreaterThanOrEqualTo(asked);
    }

    @Test
    void shouldTellTheProbeWhatTheFirstWhoAskedWaitsFor() {
        PositionBound first = PositionBound.of(new LogPosition(Branch.ofTimeline(1), 1500));
        PositionBound later = PositionBound.of(new LogPosition(Branch.ofTimeline(1), 2500));
        refresh("b");
        assertThat(b.running).as("a probe is under way, which nobody joins").isEqualTo(1);
        cluster.monitor.refresh(ScriptedCluster.id("b"), first);
        cluster.monitor.refresh(ScriptedCluster.id("b"), later);
        cluster.advanceMillis(20);
        assertThat(b.awaited).containsExactly(first);

        refresh("b");
        cluster.settle();
        assertThat(b.awaited).as("nobody waits for a position any more").hasSize(1);
    }

    @Test
    void shouldSampleAsOftenAsSomebodyAsksAgain() {
        int probes = b.probes;
        for (int millis = 0; millis < 100; millis++) {
            refresh("b");
            refresh("b");
            cluster.advanceMillis(1);
        }

        assertThat(b.probes - probes).isBetween(30, 100);
        assertThat(b.mostRunning).isEqualTo(1);
    }

    @Test
    void shouldGoOnAtTheUsualPaceWhenNobodyAsksAnyMore() {
        refresh("b");
        cluster.advanceMillis(2);
        int probes = b.probes;
        cluster.advanceMillis(890);
        assertThat(b.probes).isEqualTo(probes);
    }

    /** The answer to a question that was sent before may be older than what is asked for. */
    @Test
    void shouldNotJoinTheProbeThatIsUnderWay() {
        b.latency = Duration.ofMillis(100);
        refresh("b");
        cluster.advanceMillis(50);
        long asked = cluster.now();
        refresh("b");
        cluster.advanceMillis(51);
        assertThat(sampledAt()).as("the answer to the earlier question").isLessThan(asked);

        cluster.advanceMillis(ProbeLoop.SHORT_GAP.toMillis() + 100);
        assertThat(sampledAt()).isGreaterThanOrEqualTo(asked);
        assertThat(b.mostRunning).isEqualTo(1);
    }

    @Test
    void shouldNotStormANodeThatDoesNotAnswer() {
        b.refuses("connection refused");
        refresh("b");
        cluster.advanceMillis(5);
        int probes = b.probes;
        for (int millis = 0; millis < 100; millis++) {
            refresh("b");
            cluster.advanceMillis(1);
        }

        assertThat(b.probes - probes).isBetween(5, 11);
    }

    @Test
    void shouldNotPutOffAProbeThatASuspicionBroughtForward() {
        cluster.monitor.suspect(ScriptedCluster.id("b"), cluster.state("b").generation());
        refresh("b");
        int probes = b.probes;
        cluster.advanceMillis(2);

        assertThat(b.probes).isEqualTo(probes + 1);
    }

    @Test
    void shouldIgnoreNodesThatItDoesNotKnow() {
        refresh("nobody");
        int probes = b.probes;
        cluster.advanceMillis(100);

        assertThat(b.probes).isEqualTo(probes);
    }
}
