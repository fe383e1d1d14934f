package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.Nodes.id;
import static io.github.r2dbcrouting.selection.Nodes.replica;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.balancing.Candidate;
import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.balancing.NodeLoads;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionSettingsTests {

    @Test
    void shouldAllowFiveSecondsAndThePrimaryByDefault() {
        SelectionSettings settings = SelectionSettings.defaults();
        assertThat(settings.maxLag()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.primaryFallback()).isTrue();
        assertThat(settings.loadBalancer()).hasToString("roundRobin");
    }

    @Test
    void shouldRefuseALagThatNoReplicaCanHave() {
        for (Duration lag : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SelectionSettings(lag, true, LoadBalancer.roundRobin()))
                    .withMessageStartingWith("maxLag must be positive, got " + lag);
        }
    }

    @Test
    void shouldFindABalancerByItsNameInAnyCase() {
        assertThat(LoadBalancer.valueOf("roundRobin")).hasToString("roundRobin");
        assertThat(LoadBalancer.valueOf("ROUNDROBIN")).hasToString("roundRobin");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoadBalancer.valueOf("fastest"))
                .withMessage("no load balancer is named 'fastest'; use roundRobin");
    }

    @Test
    void shouldGoOnTakingTurnsWhenTheCandidatesChange() {
        LoadBalancer balancer = LoadBalancer.roundRobin();
        NodeLoads loads = new NodeLoads();
        Candidate r1 = Candidate.of(replica("r1"), loads.of(id("r1")));
        Candidate r2 = Candidate.of(replica("r2"), loads.of(id("r2")));
        Candidate r3 = Candidate.of(replica("r3"), loads.of(id("r3")));
        balancer.choose(List.of(r1, r2));
        balancer.choose(List.of(r1, r2));
        assertThat(balancer.choose(List.of(r1, r2, r3))).isSameAs(r3);
    }
}
