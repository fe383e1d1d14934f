package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeProblem;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class GenerationTests {

    private final ScriptedCluster cluster = ScriptedCluster.started();

    private long generation(String node) {
        return cluster.state(node).generation();
    }

    @Test
    void shouldBeginWithTheFirstAnswer() {
        ScriptedCluster fresh = new ScriptedCluster("a");
        assertThat(fresh.state("a").generation()).isZero();
        fresh.node("a").primary();
        fresh.monitor.start();
        fresh.settle();

        assertThat(fresh.state("a").generation()).isEqualTo(1);
    }

    @Test
    void shouldLastAsLongAsNothingHappens() {
        cluster.settle();
        cluster.node("b").at(5000);
        cluster.settle();

        assertThat(generation("b")).isEqualTo(1);
    }

    @Test
    void shouldEndWithTheRole() {
        cluster.node("b").promoted(2);
        cluster.settle();
        assertThat(generation("b")).isEqualTo(2);
        assertThat(generation("c")).isEqualTo(1);
    }

    @Test
    void shouldEndWhenTheServerRestartsThoughTheEpochGoesOn() {
        cluster.node("a").restarted("started-2").connected = true;
        cluster.settle();

        assertThat(generation("a")).isEqualTo(2);
        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
    }

    @Test
    void shouldEndWhenTheConnectionBrokeThoughTheServerClaimsTheSameStartTime() {
        cluster.node("b").refuses("connection reset by peer");
        cluster.settle();
        assertThat(generation("b")).isEqualTo(1);
        cluster.node("b").answers();
        cluster.settle();

        assertThat(generation("b")).isEqualTo(2);
    }

    @Test
    void shouldEndWhenTheConnectionWasOpenedAnewWithoutAFailureInBetween() {
        cluster.node("b").connected = false;
        cluster.settle();

        assertThat(generation("b")).isEqualTo(2);
    }

    @Test
    void shouldOutliveALateAnswerOverTheSameConnection() {
        // A probe that keeps its connection through a time-out proves that the server never restarted.
        ScriptedCluster.ScriptedNode b = cluster.node("b");
        b.misbehaviour = Mono::never;
        cluster.settle();
        assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.UNHEALTHY);
        b.answers();
        b.connected = true;
        cluster.settle();

        assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.HEALTHY);
        assertThat(generation("b")).isEqualTo(1);
    }

    @Test
    void shouldOutliveSaturationOverTheSameConnection() {
        cluster.node("b").misbehaviour = () -> Mono.error(
                new ProbeException(new NodeProblem(NodeProblem.Kind.SATURATED, "too many clients", "", ""), null));
        cluster.settle();
        assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.DEGRADED);
        cluster.node("b").answers();
        cluster.settle();

        assertThat(generation("b")).isEqualTo(1);
    }

    @Test
    void shouldRaiseTheEpochWhenTheSamePrimaryGoesOnOnAnotherBranch() {
        cluster.node("a").on(2);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
    }

    @Test
    void shouldRaiseTheEpochWhenThePrimaryHasLostPartOfItsHistory() {
        cluster.node("a").at(10_000);
        cluster.settle();
        cluster.node("a").restarted("restored").at(9_000);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
    }

    @Test
    void shouldKeepTheEpochThroughAnOutageOfThePrimary() {
        cluster.node("a").refuses("connection refused");
        cluster.advance(Duration.ofMinutes(10));
        cluster.node("a").restarted("started-2").at(2000);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
        assertThat(generation("a")).isEqualTo(2);
    }
}
