package io.github.r2dbcrouting.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.balancing.LoadBalancer;
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
}
