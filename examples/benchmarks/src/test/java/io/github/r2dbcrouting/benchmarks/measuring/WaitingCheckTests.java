package io.github.r2dbcrouting.benchmarks.measuring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class WaitingCheckTests {

    @Test
    void shouldCountNoWaitOfThreadsThatShareNothing() throws Exception {
        assertThat(new WaitingCheck(2, 100).waits(() -> {})).isZero();
    }

    @Test
    void shouldCountEachThreadThatWaitsForAnother() throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(3);
        // All but the last to arrive wait, each time.
        assertThat(new WaitingCheck(3, 5).waits(() -> await(barrier))).isGreaterThanOrEqualTo(10);
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }
}
