package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class TopologyMonitorTests {

    @Test
    void shouldFindThePrimaryAndItsReplicas() {
        ScriptedCluster cluster = ScriptedCluster.started();

        assertThat(cluster.monitor.isReady()).isTrue();
        assertThat(cluster.monitor.current().primary()).isEqualTo(cluster.state("a"));
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
        assertThat(cluster.monitor.current().alarm()).isNull();
        assertThat(cluster.state("b").role()).isEqualTo(NodeRole.REPLICA);
        assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.HEALTHY);
        assertThat(cluster.state("b").problem()).isNull();
    }

    @Test
    void shouldKnowNothingBeforeItIsStarted() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b");
        cluster.settle();

        assertThat(cluster.monitor.isReady()).isFalse();
        assertThat(cluster.monitor.current().isUsable()).isFalse();
        assertThat(cluster.node("a").probes).isZero();
    }

    @Test
    void shouldServeReadsWhileThePrimaryIsDownFromTheStart() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b");
        cluster.node("a").primary().refuses("connection refused");
        cluster.node("b").follows("a");
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.monitor.isReady()).isTrue();
        assertThat(cluster.primary()).isNull();
        assertThat(cluster.state("b").isUsable()).isTrue();

        cluster.node("a").answers();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
    }

    @Test
    void shouldTakeWritesWhileEveryReplicaIsDownFromTheStart() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b", "c");
        cluster.node("a").primary();
        cluster.node("b").follows("a").refuses("connection refused");
        cluster.node("c").follows("a").hangs();
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.state("b").problem()).hasToString("connection refused");
        assertThat(cluster.state("c").problem()).hasToString("no answer within 500 ms");

        cluster.node("b").answers();
        cluster.node("c").answers();
        cluster.settle();

        assertThat(cluster.monitor.current().nodes()).allMatch(NodeState::isUsable);
    }

    @Test
    void shouldProbeAgainSoonAfterTheFirstFailureOnly() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.settle();
        ScriptedCluster.ScriptedNode b = cluster.node("b").refuses("connection reset");
        int before = b.probes;
        while (b.probes == before) {
            cluster.advanceMillis(1);
        }
        cluster.advanceMillis(15);
        assertThat(b.probes).isEqualTo(before + 2);

        cluster.advanceMillis(850);
        assertThat(b.probes).isEqualTo(before + 2);
    }

    @Test
    void shouldNotLetASlowNodeDelayTheOthers() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.settle();
        int before = cluster.node("b").probes;
        cluster.node("c").latency = ScriptedCluster.TIMEOUT.minusMillis(1);
        cluster.advance(Duration.ofSeconds(60));

        assertThat(cluster.node("b").probes - before).isBetween(55, 66);
        assertThat(cluster.node("c").mostRunning).isEqualTo(1);
        assertThat(cluster.state("c").replication().roundTrip())
                .isCloseTo(Duration.ofMillis(499), Duration.ofMillis(1));
    }

    @Test
    void shouldSpreadTheProbesByShorteningThePausesByAtMostATenth() {
        ScriptedCluster cluster = ScriptedCluster.started();
        List<Long> times = new ArrayList<>();
        cluster.monitor
                .topology()
                .map(topology ->
                        topology.node(ScriptedCluster.id("b")).replication().sampledAt())
                .distinctUntilChanged()
                .subscribe(times::add);
        cluster.advance(Duration.ofSeconds(30));

        List<Long> gaps = new ArrayList<>();
        for (int i = 2; i < times.size(); i++) {
            gaps.add((times.get(i) - times.get(i - 1)) / 1_000_000);
        }
        assertThat(gaps).hasSizeGreaterThan(20).allMatch(gap -> gap >= 900 && gap <= 1002);
        assertThat(gaps.stream().distinct().count()).isGreaterThan(10);
    }

    @Test
    void shouldSurviveWhateverAProbeDoes() {
        ScriptedCluster cluster = ScriptedCluster.started();
        ScriptedCluster.ScriptedNode b = cluster.node("b");
        List<Supplier<Mono<ProbeResult>>> misbehaviours = List.of(
                () -> {
                    throw new IllegalStateException("thrown at once");
                },
                Mono::empty,
                Mono::never,
                () -> null,
                () -> Mono.error(new UnsupportedOperationException("unexpected")),
                () -> {
                    throw new NoClassDefFoundError("missing/Driver");
                },
                () -> Mono.just(new ProbeResult(
                        NodeRole.REPLICA,
                        new ServerIdentity("7001", null, "18"),
                        new LogPosition(Branch.ofTimeline(1), 1),
                        ReplicationLink.UNKNOWN,
                        false)));

        for (var misbehaviour : misbehaviours) {
            b.misbehaviour = misbehaviour;
            cluster.settle();
            assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.UNHEALTHY);
            assertThat(cluster.state("b").problem()).isNotNull();
            assertThat(cluster.primary()).isEqualTo("a");

            b.answers();
            cluster.settle();
            assertThat(cluster.state("b").isUsable()).isTrue();
        }
    }

    @Test
    void shouldSurviveAnAnswerThatItCannotUse() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.node("b").at(ScriptedCluster.INDIGESTIBLE);
        cluster.settle();
        assertThat(cluster.state("b").problem()).asString().contains("cannot be used", "cannot compare");
        assertThat(cluster.primary()).isEqualTo("a");

        cluster.node("b").at(1000);
        cluster.settle();
        assertThat(cluster.state("b").isUsable()).isTrue();
    }

    @Test
    void shouldSurviveAProbeThatCannotBeMade() {
        ScriptedCluster cluster = new ScriptedCluster("a");
        cluster.node("a").primary();
        AtomicReference<RuntimeException> failure = new AtomicReference<>(new IllegalStateException("no driver"));
        TopologyMonitor monitor = TopologyMonitor.create(
                List.of(cluster.node("a").settings),
                settings -> {
                    if (failure.get() != null) {
                        throw failure.get();
                    }
                    return cluster.node("a").probe();
                },
                new MonitorSettings(ScriptedCluster.INTERVAL, ScriptedCluster.TIMEOUT, ScriptedCluster.STARTUP_TIMEOUT),
                cluster.time,
                RandomGenerator.of("L64X128MixRandom"),
                ScriptedCluster.NOBODY_LEFT_OUT);
        monitor.start();
        cluster.settle();
        assertThat(monitor.current().nodes().get(0).problem()).asString().contains("no driver");

        failure.set(null);
        cluster.settle();
        assertThat(monitor.current().primary()).isNotNull();
    }

    @Test
    void shouldKeepRoleAndSampleOfASaturatedNode() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.node("a").saturated();
        cluster.settle();

        assertThat(cluster.state("a").health()).isEqualTo(NodeHealth.DEGRADED);
        assertThat(cluster.state("a").problem()).hasToString("sorry, too many clients already");
        assertThat(cluster.state("a").replication()).isNotNull();
        assertThat(cluster.primary()).isEqualTo("a");
    }

    @Test
    void shouldRejectNodesThatCannotBeToldApart() {
        MonitorSettings settings =
                new MonitorSettings(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
        ScriptedCluster cluster = new ScriptedCluster("a");
        NodeSettings node = NodeSettings.of("db1", 5432);

        assertThatThrownBy(() -> TopologyMonitor.create(
                        List.of(node, node),
                        n -> null,
                        settings,
                        cluster.time,
                        RandomGenerator.getDefault(),
                        ScriptedCluster.NOBODY_LEFT_OUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("db1:5432");
    }

    @Test
    void shouldRejectSettingsOutOfRange() {
        Duration second = Duration.ofSeconds(1);

        assertThatThrownBy(() -> new MonitorSettings(Duration.ofMillis(9), second, second))
                .hasMessageContaining("10 ms or more");
        assertThatThrownBy(() -> new MonitorSettings(second, Duration.ZERO, second))
                .hasMessageContaining("monitor timeout");
        assertThatThrownBy(() -> new MonitorSettings(second, second, Duration.ofMillis(-1)))
                .hasMessageContaining("start-up timeout");
    }

    @Test
    void shouldPublishSnapshotsThatDoNotChange() {
        ScriptedCluster cluster = ScriptedCluster.started();
        Topology snapshot = cluster.monitor.current();
        String before = snapshot.toString();
        cluster.node("a").refuses("gone");
        cluster.settle();

        assertThat(snapshot.toString()).isEqualTo(before);
        assertThat(cluster.monitor.current()).isNotSameAs(snapshot);
    }
}
