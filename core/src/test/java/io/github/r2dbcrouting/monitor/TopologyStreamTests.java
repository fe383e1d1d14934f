package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.Topology;
import io.github.r2dbcrouting.topology.TopologyChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

class TopologyStreamTests {

    private final ScriptedCluster cluster = ScriptedCluster.started();
    private final List<Topology> seen = new ArrayList<>();

    private final BaseSubscriber<Topology> slow = new BaseSubscriber<>() {
        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // Asks by hand.
        }

        @Override
        protected void hookOnNext(Topology value) {
            seen.add(value);
        }
    };

    @Test
    void shouldBeginWithTheLatest() {
        cluster.settle();
        cluster.monitor.topology().subscribe(seen::add);
        cluster.advanceMillis(1);

        assertThat(seen).containsExactly(cluster.monitor.current());
    }

    @Test
    void shouldPublishEachNewSample() {
        cluster.monitor.topology().subscribe(seen::add);
        cluster.advance(Duration.ofSeconds(10));

        assertThat(seen).hasSizeBetween(27, 36).doesNotHaveDuplicates();
        assertThat(seen.get(seen.size() - 1)).isSameAs(cluster.monitor.current());
    }

    @Test
    void shouldPublishNothingWhileNothingChanges() {
        cluster.nodes.values().forEach(node -> node.refuses("connection refused"));
        cluster.settle();
        cluster.monitor.topology().subscribe(seen::add);
        cluster.advance(Duration.ofMinutes(1));

        assertThat(seen).hasSize(1);
    }

    @Test
    void shouldGiveASlowSubscriberTheNewestAndNotTheBacklog() {
        cluster.monitor.topology().subscribe(slow);
        slow.request(1);
        cluster.advance(Duration.ofMinutes(10));
        assertThat(seen).hasSize(1);
        slow.request(100);
        cluster.advanceMillis(1);

        assertThat(seen).hasSizeLessThanOrEqualTo(3);
        assertThat(seen.get(seen.size() - 1)).isSameAs(cluster.monitor.current());
    }

    @Test
    void shouldNotLetASubscriberThatThrowsDisturbTheMonitor() {
        cluster.monitor
                .topology()
                .subscribe(
                        topology -> {
                            throw new IllegalStateException("broken subscriber");
                        },
                        error -> {});
        cluster.monitor.topology().subscribe(seen::add);
        cluster.advance(Duration.ofSeconds(10));

        assertThat(seen).hasSizeGreaterThan(20);
    }

    @Test
    void shouldReportAChangeWithBeforeAndAfterButNotForNewSamples() {
        List<TopologyChange> changes = new ArrayList<>();
        cluster.monitor.changes().subscribe(changes::add);
        cluster.settle();
        assertThat(changes).isEmpty();

        cluster.node("c").refuses("connection refused");
        cluster.settle();
        cluster.node("c").answers();
        cluster.settle();

        assertThat(changes).hasSize(2);
        assertThat(changes.get(0).previous().node(ScriptedCluster.id("c")).isUsable())
                .isTrue();
        assertThat(changes.get(0).current().node(ScriptedCluster.id("c")).isUsable())
                .isFalse();
        assertThat(changes.get(1).previous()).isSameAs(changes.get(0).current());
        assertThat(changes.get(1).current().node(ScriptedCluster.id("c")).generation())
                .isEqualTo(2);
    }
}
