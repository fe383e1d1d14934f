package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeHealth;
import org.junit.jupiter.api.Test;

/** What becomes of a node that cannot be asked, for a reason on this side. */
class UnaskedNodeTests {

    private final ScriptedCluster cluster = ScriptedCluster.started();

    @Test
    void shouldKeepANodeThatWasWell() {
        cluster.settle();
        cluster.node("a").unasked();
        cluster.node("b").unasked();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.DEGRADED);
        assertThat(cluster.state("b").isUsable()).isTrue();
        assertThat(cluster.state("b").failures()).isZero();
        assertThat(cluster.state("b").problem()).hasToString("no token");
    }

    @Test
    void shouldGiveUpANodeThatFellSilentBefore() {
        cluster.settle();
        ScriptedCluster.ScriptedNode b = cluster.node("b").hangs();
        while (cluster.state("b").failures() == 0) {
            cluster.advanceMillis(1);
        }
        b.unasked();
        cluster.settle();

        assertThat(cluster.state("b").failures()).isEqualTo(2);
        assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.UNHEALTHY);
    }

    @Test
    void shouldNotLetInANodeThatMustNotBeUsed() {
        cluster.settle();
        cluster.node("b").unfit("is reached through a pooler");
        cluster.settle();
        cluster.node("b").unasked();
        cluster.settle();

        assertThat(cluster.state("b").isUnfit()).isTrue();
        assertThat(cluster.state("b").isUsable()).isFalse();
    }

    /** What was seen before the watching rested does not count as present. */
    @Test
    void shouldNotRelyOnWhatWasSeenBeforeARest() {
        cluster.settle();
        cluster.monitor.pause().subscribe();
        cluster.settle();
        cluster.node("b").unasked();
        cluster.monitor.start();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.state("b").isUsable()).isFalse();
    }
}
