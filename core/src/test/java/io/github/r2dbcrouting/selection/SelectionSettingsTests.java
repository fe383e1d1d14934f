package io.github.r2dbcrouting.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionSettingsTests {

    @Test
    void shouldAllowFiveSecondsAndThePrimaryByDefault() {
        SelectionSettings settings = SelectionSettings.defaults();
        assertThat(settings.maxLag()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.readPreference()).isEqualTo(ReadPreference.REPLICA_PREFERRED);
        assertThat(settings.loadBalancer()).hasToString("adaptive");
    }

    @Test
    void shouldRefuseALagThatNoReplicaCanHave() {
        for (Duration lag : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SelectionSettings.defaults().within(lag))
                    .withMessageStartingWith("maxLag must be positive, got " + lag);
        }
    }
}
