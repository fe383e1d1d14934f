package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TopologyMonitorTests {

    @Test
    void shouldFindThePrimaryAndItsReplicas() {
        ScriptedCluster cluster = ScriptedCluster.started();

        assertThat(cluster.monitor.isReady()).isTrue();
        assertThat(cluster.monitor.current().primary()).isEqualTo(cluster.state("a"));
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
        assertThat(cluster.state("b").role()).isEqualTo(NodeRole.REPLICA);
        assertThat(cluster.state("b").health()).isEqualTo(NodeHealth.HEALTHY);
        assertThat(cluster.state("b").generation()).isEqualTo(1);
        assertThat(cluster.state("b").replication().lag()).isEqualTo(Duration.ZERO);
    }

    @Test
    void shouldFollowAPromotion() {
        ScriptedCluster cluster = ScriptedCluster.started();

        cluster.node("a").refuses("connection refused");
        cluster.advance(Duration.ofSeconds(2));
        assertThat(cluster.monitor.current().primary()).isNull();

        cluster.node("b").promoted(2);
        cluster.node("c").follows("b").timeline = 2;
        cluster.advance(Duration.ofSeconds(2));

        assertThat(cluster.monitor.current().primary()).isEqualTo(cluster.state("b"));
        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
        assertThat(cluster.monitor.current().alarm()).isNull();
    }
}
