package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class ReadinessTests {

    private final ScriptedCluster cluster = new ScriptedCluster("a", "b");
    private final AtomicReference<Topology> topology = new AtomicReference<>();
    private final AtomicReference<Throwable> error = new AtomicReference<>();

    ReadinessTests() {
        cluster.node("a").primary();
        cluster.node("b").follows("a");
    }

    private void await() {
        cluster.monitor.ready().subscribe(topology::set, error::set);
    }

    @Test
    void shouldBeReadyWhenEveryNodeWasHeardOf() {
        cluster.node("b").latency = Duration.ofMillis(100);
        cluster.monitor.start();
        await();

        cluster.advanceMillis(99);
        assertThat(topology.get()).isNull();
        cluster.advanceMillis(2);
        assertThat(topology.get()).isEqualTo(cluster.monitor.current());
        assertThat(topology.get().primary()).isNotNull();
    }

    @Test
    void shouldCountAFailureAsHeardOf() {
        cluster.node("b").refuses("connection refused");
        cluster.monitor.start();
        await();
        cluster.advanceMillis(5);

        assertThat(topology.get().primary().id()).isEqualTo(ScriptedCluster.id("a"));
    }

    @Test
    void shouldNotWaitForASilentNodeLongerThanTheGrace() {
        cluster.node("b").hangs();
        cluster.monitor.start();
        await();

        cluster.advance(TopologyMonitor.GRACE);
        assertThat(topology.get()).isNull();
        cluster.advanceMillis(2);
        assertThat(topology.get().primary()).isNotNull();
        assertThat(topology.get().node(ScriptedCluster.id("b")).health()).isEqualTo(NodeHealth.UNKNOWN);
    }

    @Test
    void shouldAnswerAtOnceWhenItIsReadyAlready() {
        cluster.monitor.start();
        cluster.advanceMillis(5);
        await();

        assertThat(topology.get()).isSameAs(cluster.monitor.current());
    }

    @Test
    void shouldFailWithTheLastErrorOfEachNodeAndComeAliveWithThem() {
        cluster.node("a").refuses("password authentication failed for user \"app\"");
        cluster.node("b").hangs();
        cluster.monitor.start();
        await();
        cluster.advance(ScriptedCluster.STARTUP_TIMEOUT.minusMillis(1));
        assertThat(error.get()).isNull();
        cluster.advanceMillis(1);

        assertThat(error.get())
                .isInstanceOf(NoUsableNodeException.class)
                .hasMessageStartingWith("no usable node within 10000 ms: "
                        + "a: password authentication failed for user \"app\"; b: no answer within 500 ms. Check");

        await();
        cluster.node("a").answers();
        cluster.advance(Duration.ofSeconds(2));
        assertThat(topology.get().primary().id()).isEqualTo(ScriptedCluster.id("a"));
    }

    @Test
    void shouldWaitAgainWhenAllNodesAreLostLater() {
        cluster.monitor.start();
        cluster.settle();
        cluster.node("a").refuses("gone");
        cluster.node("b").refuses("gone too");
        cluster.settle();
        await();

        assertThat(cluster.monitor.isReady()).isFalse();
        cluster.advance(ScriptedCluster.STARTUP_TIMEOUT);
        assertThat(error.get()).hasMessageContaining("a: gone; b: gone too");
    }

    @Test
    void shouldNotTrustWhatWasSeenBeforeAPause() {
        cluster.monitor.start();
        cluster.settle();
        cluster.monitor.pause().subscribe();
        cluster.advanceMillis(1);

        assertThat(cluster.monitor.isReady()).isFalse();
        assertThat(cluster.primary()).isNull();
        assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.UNKNOWN);
        assertThat(cluster.state("b").problem()).hasToString("not watched at present");
        assertThat(cluster.node("a").closes).isEqualTo(1);
        int probes = cluster.node("a").probes;
        cluster.settle();
        assertThat(cluster.node("a").probes).isEqualTo(probes);

        cluster.node("a").hangs();
        cluster.monitor.start();
        await();
        assertThat(topology.get()).isNull();
        cluster.advance(TopologyMonitor.GRACE.plusMillis(5));
        assertThat(topology.get().primary()).isNull();
        assertThat(cluster.state("b").isUsable()).isTrue();
    }

    @Test
    void shouldFindThePrimaryOfThePresentEpochAgainAfterAPause() {
        cluster.monitor.start();
        cluster.settle();
        long generation = cluster.state("a").generation();
        cluster.monitor.pause().subscribe();
        cluster.advanceMillis(1);
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
        assertThat(cluster.state("a").generation())
                .as("nobody saw that it did not restart")
                .isEqualTo(generation + 1);
    }

    @Test
    void shouldNotOpenAConnectionWhileItsPredecessorIsBeingClosed() {
        Sinks.Empty<Void> closed = Sinks.empty();
        cluster.monitor.start();
        cluster.settle();
        cluster.node("a").closing = closed.asMono();
        List<String> events = new ArrayList<>();
        cluster.monitor.pause().subscribe(null, null, () -> events.add("paused"));
        cluster.monitor.start();
        int probes = cluster.node("a").probes;
        cluster.advanceMillis(100);
        assertThat(cluster.node("a").probes).isEqualTo(probes);
        assertThat(events).isEmpty();

        closed.tryEmitEmpty();
        cluster.advanceMillis(100);
        assertThat(cluster.node("a").probes).isGreaterThan(probes);
        assertThat(events).containsExactly("paused");
        assertThat(cluster.primary()).isEqualTo("a");
    }

    @Test
    void shouldNotWaitForEverForAConnectionToClose() {
        cluster.monitor.start();
        cluster.settle();
        cluster.node("a").closing = Sinks.<Void>empty().asMono();
        List<String> events = new ArrayList<>();
        cluster.monitor.pause().subscribe(null, null, () -> events.add("paused"));
        cluster.advance(ScriptedCluster.TIMEOUT);

        assertThat(events).containsExactly("paused");
    }

    @Test
    void shouldGiveUpRunningProbesWhenItIsPaused() {
        cluster.node("b").hangs();
        cluster.monitor.start();
        cluster.advanceMillis(100);
        assertThat(cluster.node("b").running).isEqualTo(1);
        cluster.monitor.pause().subscribe();
        cluster.advanceMillis(1);

        assertThat(cluster.node("b").running).isZero();
    }

    @Test
    void shouldEndForGood() {
        cluster.monitor.start();
        cluster.settle();
        StepVerifier.create(cluster.monitor.topology().then())
                .then(() -> {
                    cluster.monitor.dispose().subscribe();
                    cluster.advanceMillis(1);
                })
                .verifyComplete();
        int probes = cluster.node("a").probes;
        long tasks = cluster.time.getScheduledTaskCount();
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.node("a").probes).isEqualTo(probes);
        assertThat(cluster.node("a").closes).isEqualTo(1);
        assertThat(cluster.time.getScheduledTaskCount())
                .as("nothing more is scheduled")
                .isEqualTo(tasks);
        StepVerifier.create(cluster.monitor.dispose()).verifyComplete();
        await();
        cluster.advanceMillis(1);
        assertThat(error.get()).isInstanceOf(NoUsableNodeException.class).hasMessage("the monitor has ended");
    }

    @Test
    void shouldEndThoughItNeverBegan() {
        StepVerifier.create(cluster.monitor.dispose()).verifyComplete();
        StepVerifier.create(cluster.monitor.pause()).verifyComplete();
    }
}
