package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.outlier.OutlierCounts;
import io.github.r2dbcrouting.outlier.OutlierFinding;
import io.github.r2dbcrouting.outlier.OutlierFinding.Cause;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeProblem.Kind;
import io.github.r2dbcrouting.topology.TopologyChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nodes that are left out for what became of statements, or held back since they come and go. */
class LeftOutNodeTests {

    private final ScriptedCluster cluster = ScriptedCluster.started();

    private void find(String name, Cause cause) {
        cluster.monitor.found(
                new OutlierFinding(ScriptedCluster.id(name), cluster.state(name).generation(), cause, "seen"),
                Set.of());
    }

    private NodeHealth health(String name) {
        return cluster.state(name).health();
    }

    @Test
    void shouldLeaveANodeOutUntilItsTimeIsOverHoweverManyProbesItAnswers() {
        List<TopologyChange> changes = new ArrayList<>();
        cluster.monitor.changes().subscribe(changes::add);
        find("b", Cause.ERRORS);
        assertThat(health("b")).isEqualTo(NodeHealth.DEGRADED);
        assertThat(cluster.state("b").problem().kind()).isEqualTo(Kind.FAILING);
        assertThat(cluster.state("b").problem()).asString().matches("is left out for [56](\\.\\d)? s: seen");

        cluster.advance(Duration.ofMillis(4900));
        assertThat(health("b")).isEqualTo(NodeHealth.DEGRADED);

        cluster.advance(Duration.ofMillis(1200));
        assertThat(health("b")).isEqualTo(NodeHealth.HEALTHY);
        assertThat(changes).as("once out and once back").hasSize(2);
        assertThat(cluster.monitor.outliers()).isEqualTo(new OutlierCounts(1, 0, 0, 0));
    }

    @Test
    void shouldBeBackAtTheVeryEndOfItsTimeHoweverRareTheProbesAre() {
        find("b", Cause.LATENCY);
        cluster.node("a").latency = Duration.ofSeconds(100);
        cluster.node("b").latency = Duration.ofSeconds(100);
        long began = cluster.now();
        while (health("b") == NodeHealth.DEGRADED) {
            cluster.advanceMillis(1);
        }
        assertThat(cluster.now() - began).isLessThan(Duration.ofMillis(6001).toNanos());
    }

    @Test
    void shouldStayUnhealthyWhereItDoesNotAnswer() {
        find("b", Cause.ERRORS);
        cluster.node("b").refuses("connection refused");
        cluster.advance(ScriptedCluster.INTERVAL);
        assertThat(health("b")).isEqualTo(NodeHealth.UNHEALTHY);
        assertThat(cluster.state("b").problem()).hasToString("connection refused");
    }

    @Test
    void shouldBeBackWithItsNextLife() {
        find("b", Cause.ERRORS);
        cluster.node("b").restarted("b started 2");
        cluster.advance(ScriptedCluster.INTERVAL);

        assertThat(health("b")).isEqualTo(NodeHealth.HEALTHY);
    }

    @Test
    void shouldIgnoreLateNewsOfAnEarlierLife() {
        OutlierFinding late =
                new OutlierFinding(ScriptedCluster.id("b"), cluster.state("b").generation(), Cause.ERRORS, "late");
        cluster.node("b").restarted("b started 2");
        cluster.advance(ScriptedCluster.INTERVAL);
        cluster.monitor.found(late, Set.of());

        assertThat(health("b")).isEqualTo(NodeHealth.HEALTHY);
    }

    @Test
    void shouldGoOnWithThePauseOfTheMonitor() {
        find("b", Cause.ERRORS);
        cluster.monitor.pause().subscribe();
        cluster.advance(Duration.ofSeconds(1));
        cluster.monitor.start();
        cluster.advance(Duration.ofSeconds(60));

        assertThat(health("b")).isEqualTo(NodeHealth.HEALTHY);
    }

    @Test
    void shouldHoldBackANodeThatFlapsUntilItHasBeenStable() {
        for (int i = 0; i < 2; i++) {
            cluster.node("b").refuses("connection refused");
            cluster.settle();
            cluster.node("b").answers();
            cluster.settle();
        }
        assertThat(health("b")).isEqualTo(NodeHealth.DEGRADED);
        assertThat(cluster.state("b").problem())
                .hasToString("flaps: 4 changes in 30 s; held back until it has been stable for 30 s");
        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.outliers().flapping()).isEqualTo(1);

        cluster.advance(Duration.ofSeconds(25));
        assertThat(health("b")).isEqualTo(NodeHealth.DEGRADED);

        cluster.advance(Duration.ofSeconds(6));
        assertThat(health("b")).isEqualTo(NodeHealth.HEALTHY);
    }

    /** A primary that flaps stays the primary: there is only one. */
    @Test
    void shouldKeepAPrimaryThatFlaps() {
        for (int i = 0; i < 3; i++) {
            cluster.node("a").refuses("connection refused");
            cluster.settle();
            cluster.node("a").answers();
            cluster.settle();
        }
        assertThat(health("a")).isEqualTo(NodeHealth.DEGRADED);
        assertThat(cluster.primary()).isEqualTo("a");
    }

    /** Nodes fail, come, go and restart at random. */
    private static List<String> run(long seed) {
        Random random = new Random(seed);
        ScriptedCluster cluster = new ScriptedCluster(seed, "a", "b", "c", "d", "e");
        cluster.node("a").primary();
        List.of("b", "c", "d", "e").forEach(name -> cluster.node(name).follows("a"));
        List<String> trace = new ArrayList<>();
        cluster.monitor.changes().subscribe(change -> trace.add(change.current().toString()));
        cluster.monitor.start();
        cluster.settle();
        for (int step = 0; step < 300; step++) {
            String name = List.of("b", "c", "d", "e").get(random.nextInt(4));
            switch (random.nextInt(5)) {
                case 0 -> cluster.node(name).refuses("connection refused");
                case 1 -> cluster.node(name).answers();
                case 2 -> cluster.node(name).restarted("life " + random.nextInt());
                default ->
                    cluster.monitor.found(
                            new OutlierFinding(
                                    ScriptedCluster.id(name),
                                    cluster.state(name).generation() - random.nextInt(2),
                                    Cause.LATENCY,
                                    "seed " + seed),
                            Set.of());
            }
            cluster.advanceMillis(random.nextInt(3000));
            long answering = cluster.monitor.current().nodes().stream()
                    .filter(node -> !node.id().name().equals("a") && node.isUsable())
                    .count();
            long slow = cluster.monitor.current().nodes().stream()
                    .filter(node -> node.problem() != null && node.problem().kind() == Kind.SLOW)
                    .count();
            assertThat(slow)
                    .as("seed %d, step %d: left out of %d", seed, step, answering)
                    .isLessThanOrEqualTo(1);
            assertThat(cluster.primary()).as("seed %d, step %d", seed, step).isEqualTo("a");
            assertThat(health(cluster, "a")).as("seed %d, step %d", seed, step).isEqualTo(NodeHealth.HEALTHY);
        }
        List.of("b", "c", "d", "e").forEach(name -> cluster.node(name).answers());
        cluster.advance(Duration.ofMinutes(7));
        assertThat(cluster.monitor.current().nodes())
                .as("seed %d: all are back", seed)
                .allMatch(node -> node.health() == NodeHealth.HEALTHY);
        return trace;
    }

    private static NodeHealth health(ScriptedCluster cluster, String name) {
        return cluster.state(name).health();
    }

    @Test
    void shouldKeepItsPromisesWhateverHappensAndDoTheSameWithTheSameSeed() {
        for (long seed = 1; seed <= 20; seed++) {
            List<String> trace = run(seed);
            assertThat(trace).as("seed " + seed).isNotEmpty();
            assertThat(run(seed).equals(trace)).as("seed " + seed).isTrue();
        }
    }
}
