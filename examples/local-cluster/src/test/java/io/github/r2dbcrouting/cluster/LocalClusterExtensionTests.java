package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LocalClusterExtensionTests {

    @RegisterExtension
    static final LocalClusterExtension EXTENSION =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(0));

    @Test
    void shouldHandTheClusterToAParameter(LocalCluster cluster) {
        assertThat(cluster).isSameAs(EXTENSION.cluster());
        assertThat(cluster.nodes()).hasSize(1).allMatch(ClusterNode::isRunning);
    }

    @Test
    void shouldHaveNoClusterOutsideOfTheTests() {
        LocalClusterExtension unused = LocalClusterExtension.of(LocalCluster.postgresql());
        assertThatThrownBy(unused::cluster).isInstanceOf(IllegalStateException.class);
    }

    @Nested
    class InANestedClass {

        @Test
        void shouldBeTheSameCluster(LocalCluster cluster) {
            assertThat(cluster).isSameAs(EXTENSION.cluster());
            assertThat(cluster.primary().name()).isEqualTo("node1");
        }
    }
}
