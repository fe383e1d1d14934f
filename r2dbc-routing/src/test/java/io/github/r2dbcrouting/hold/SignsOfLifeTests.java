package io.github.r2dbcrouting.hold;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SignsOfLifeTests {

    private final SignsOfLife signs = new SignsOfLife();

    @Test
    void shouldBeTooFewForAReadWhenNothingWasHeardSinceItBegan() {
        signs.waitFrom(healthy(1_000));
        assertThat(signs.areTooFew(failing(1, 1_000), false)).isTrue();
    }

    @Test
    void shouldSpareALongReadUntilTheSecondFailure() {
        signs.waitFrom(healthy(1_000));
        assertThat(signs.areTooFew(failing(1, 2_000), false)).isFalse();
        assertThat(signs.areTooFew(failing(2, 2_000), false)).isTrue();
    }

    @Test
    void shouldSpareWhatCannotRunElsewhereUntilTheSecondFailure() {
        signs.waitFrom(healthy(1_000));
        assertThat(signs.areTooFew(failing(1, 1_000), true)).isFalse();
        assertThat(signs.areTooFew(failing(2, 1_000), true)).isTrue();
    }

    /** It shares the connection with one that began earlier. */
    @Test
    void shouldTakeAReadForNewWhenTheOneBeforeItHasEnded() {
        signs.waitFrom(healthy(1_000));
        signs.waitFrom(healthy(2_000));
        assertThat(signs.areTooFew(failing(1, 2_000), false)).isTrue();
    }

    @Test
    void shouldNotCountAnOutageThatWasOverBefore() {
        signs.waitFrom(healthy(2_000));
        assertThat(signs.areTooFew(failing(2, 1_000), true)).isFalse();
    }

    private static NodeState healthy(long sampledAt) {
        return node(NodeHealth.HEALTHY, 0, sampledAt);
    }

    private static NodeState failing(int failures, long sampledAt) {
        return node(NodeHealth.UNHEALTHY, failures, sampledAt);
    }

    private static NodeState node(NodeHealth health, int failures, long sampledAt) {
        Replication sample = new Replication(
                new LogPosition(Branch.ofTimeline(1), 500),
                sampledAt,
                Duration.ZERO,
                Duration.ZERO,
                ReplicationLink.UNKNOWN);
        return new NodeState(
                NodeSettings.of("replica", 5432), NodeRole.REPLICA, health, failures, 1, null, sample, null);
    }
}
