package io.github.r2dbcrouting.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeId;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CatchUpTimesTests {

    private static final NodeId REPLICA = new NodeId("r1");

    private final CatchUpTimes times = new CatchUpTimes(millis(50));

    @Test
    void shouldTakeNoReplicaForLateBeforeAnybodyHasWaited() {
        assertThat(times.isLate(REPLICA)).isFalse();
    }

    @Test
    void shouldTakeAReplicaForLateAfterSeveralHaveWaitedTooLong() {
        for (int i = 0; i < 3; i++) {
            times.waited(REPLICA, millis(100), millis(100L * i));
            assertThat(times.isLate(REPLICA)).isFalse();
        }
        times.waited(REPLICA, millis(100), millis(300));
        assertThat(times.isLate(REPLICA)).isTrue();
    }

    /** They all found the same, such as a pause of the process. */
    @Test
    void shouldNotCountThoseApartWhoWaitedInVainTogether() {
        times.waited(REPLICA, millis(5), 0);
        for (int i = 0; i < 64; i++) {
            times.waited(REPLICA, millis(100), millis(50));
        }
        assertThat(times.isLate(REPLICA)).isFalse();
    }

    @Test
    void shouldTrustAReplicaAgainOnceItHasCaughtUpInTime() {
        for (int i = 0; i < 10; i++) {
            times.waited(REPLICA, millis(100), millis(100L * i));
        }
        assertThat(times.isLate(REPLICA)).isTrue();
        times.waited(REPLICA, millis(3), millis(2_000));
        assertThat(times.isLate(REPLICA)).isFalse();
    }

    @Test
    void shouldLetOneReadTryLateReplicasFromTimeToTime() {
        assertThat(times.takeTrial(millis(7))).isTrue();
        assertThat(times.takeTrial(millis(7))).isFalse();
        assertThat(times.takeTrial(millis(1_006))).isFalse();
        assertThat(times.takeTrial(millis(1_007))).isTrue();
        assertThat(times.takeTrial(millis(1_008))).isFalse();
    }

    private static long millis(long number) {
        return TimeUnit.MILLISECONDS.toNanos(number);
    }
}
