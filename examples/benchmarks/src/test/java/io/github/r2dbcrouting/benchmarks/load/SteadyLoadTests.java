package io.github.r2dbcrouting.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A load that ended unnoticed would show that nothing failed. */
class SteadyLoadTests {

    @Test
    void shouldGoOnAfterAnOperationThatCannotEvenBeMade() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(5);
        Queue<SteadyLoad.Ended> operations = new ConcurrentLinkedQueue<>();
        SteadyLoad load = new SteadyLoad(
                key -> {
                    throw new IllegalStateException("no operation can be made");
                },
                100,
                ended -> {
                    operations.add(ended);
                    told.countDown();
                });
        assertThat(told.await(1, TimeUnit.MINUTES)).isTrue();
        load.finish();
        assertThat(operations).allMatch(SteadyLoad.Ended::hasFailed);
    }

    @Test
    void shouldRefuseToShowAnythingByLessThanHalfOfTheLoad() {
        assertThatCode(() -> SteadyLoad.requireRate(50, 100)).doesNotThrowAnyException();
        assertThatIllegalStateException()
                .isThrownBy(() -> SteadyLoad.requireRate(49, 100))
                .withMessageContaining("49 operations ran of 100, so nothing is shown");
    }
}
