package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LagTests {

    private static final Duration CAUGHT_UP =
            ScriptedCluster.INTERVAL.multipliedBy(11).dividedBy(10).plusMillis(2);

    private final ScriptedCluster cluster = ScriptedCluster.started();

    private void writeFor(Duration duration, boolean replicated) {
        for (long millis = 0; millis < duration.toMillis(); millis += 10) {
            cluster.node("a").lsn += 10;
            if (replicated) {
                cluster.node("b").lsn = cluster.node("a").lsn;
            }
            cluster.advanceMillis(10);
        }
    }

    private Duration staleness(String node) {
        Replication sample = cluster.state(node).replication();
        return sample.staleness(cluster.now());
    }

    @Test
    void shouldKnowTheLagOfAllReplicasAfterTheFirstRound() {
        assertThat(cluster.lag("a")).isZero();
        assertThat(cluster.lag("b")).isLessThan(Duration.ofMillis(50));
        assertThat(cluster.lag("c")).isLessThan(Duration.ofMillis(50));
    }

    @Test
    void shouldNotGrowWhileThePrimaryIsIdle() {
        cluster.advance(Duration.ofHours(1));
        for (int i = 0; i < 500; i++) {
            cluster.advanceMillis(37);
            assertThat(cluster.lag("b")).isLessThanOrEqualTo(CAUGHT_UP);
            assertThat(staleness("b")).isLessThanOrEqualTo(CAUGHT_UP.multipliedBy(2));
        }
    }

    @Test
    void shouldStayWithinAnIntervalWhileAReplicaKeepsUp() {
        cluster.node("b").lsn = cluster.node("a").lsn;
        for (int i = 0; i < 200; i++) {
            writeFor(Duration.ofMillis(50), true);
            // The replica may be probed just before a position that the primary was asked for just before.
            assertThat(cluster.lag("b")).isLessThanOrEqualTo(CAUGHT_UP);
        }
    }

    @Test
    void shouldGrowWithAReplicaThatStands() {
        cluster.settle();
        writeFor(Duration.ofSeconds(30), false);

        assertThat(cluster.lag("b")).isBetween(Duration.ofSeconds(28), Duration.ofSeconds(31));
        assertThat(staleness("b")).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(32));
    }

    @Test
    void shouldGrowWithAReplicaThatRefusesItsProbesUnlessThePrimaryIsIdle() {
        cluster.settle();
        cluster.node("b").saturated();
        cluster.advance(Duration.ofSeconds(30));
        assertThat(cluster.lag("b")).isLessThanOrEqualTo(CAUGHT_UP);

        writeFor(Duration.ofSeconds(30), true);
        assertThat(cluster.lag("b")).isBetween(Duration.ofSeconds(28), Duration.ofSeconds(31));
    }

    @Test
    void shouldBoundTheRealStalenessOfAReplicaThatReplaysABurst() {
        cluster.settle();
        // A burst of one second, of which the replica replays a tenth a second.
        long before = cluster.node("a").lsn;
        cluster.node("a").lsn += 1_000_000;
        long burst = cluster.now();
        for (int second = 1; second <= 10; second++) {
            cluster.advance(Duration.ofSeconds(1));
            assertThat(staleness("b").toNanos()).isGreaterThanOrEqualTo(cluster.now() - burst);
            cluster.node("b").lsn = before + 100_000L * second;
        }
        cluster.advance(ScriptedCluster.INTERVAL.multipliedBy(2));

        assertThat(cluster.lag("b")).isLessThanOrEqualTo(CAUGHT_UP);
    }

    @Test
    void shouldGrowWhileThePrimaryIsDead() {
        cluster.settle();
        cluster.node("a").refuses("connection refused");
        cluster.advance(Duration.ofSeconds(60));

        assertThat(cluster.primary()).isNull();
        assertThat(cluster.lag("b")).isBetween(Duration.ofSeconds(58), Duration.ofSeconds(62));
    }

    @Test
    void shouldBeUnknownOnAnotherBranch() {
        cluster.node("c").on(7);
        cluster.settle();

        assertThat(cluster.lag("c")).isNull();
        assertThat(staleness("c")).isNull();
    }

    @Test
    void shouldBeUnknownForAReplicaBehindTheOldestSample() {
        cluster.node("c").at(1);
        cluster.settle();

        assertThat(cluster.lag("c")).isNull();
    }

    @Test
    void shouldBeUnknownAfterAFailoverUntilTheReplicaFollowsTheNewBranch() {
        cluster.settle();
        cluster.node("a").refuses("connection refused");
        cluster.node("c").detached();
        cluster.node("b").promoted(2);
        cluster.settle();
        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.lag("b")).isZero();
        assertThat(cluster.lag("c")).isNull();

        cluster.node("c").follows("b").on(2);
        cluster.settle();
        assertThat(cluster.lag("c")).isLessThanOrEqualTo(CAUGHT_UP);
    }

    @Test
    void shouldBeUnknownForAWritableNodeThatIsNotThePrimary() {
        cluster.node("c").link = ReplicationLink.UNKNOWN;
        cluster.node("c").promoted(2);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.lag("c")).isNull();
    }

    @Test
    void shouldCountFromWhenAProbeWasSentNotFromWhenItWasAnswered() {
        cluster.node("a").latency = Duration.ofMillis(400);
        cluster.settle();
        long before = cluster.state("a").replication().sampledAt();
        while (cluster.state("a").replication().sampledAt() == before) {
            cluster.advanceMillis(1);
        }
        Replication sample = cluster.state("a").replication();

        assertThat(sample.roundTrip()).as("smoothed").isBetween(Duration.ofMillis(100), Duration.ofMillis(400));
        // Whatever the primary committed while the answer was under way must not count as covered.
        assertThat(cluster.now() - sample.sampledAt())
                .isBetween(
                        Duration.ofMillis(400).toNanos(), Duration.ofMillis(401).toNanos());
    }
}
