package io.github.r2dbcrouting.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

class DeadlineWatchTests {

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final DeadlineWatch watch = new DeadlineWatch(Duration.ofMillis(800), time);

    @AfterEach
    void dispose() {
        time.dispose();
    }

    @Test
    void shouldTellOnceAndNotBeforeItsTime() {
        Exchange slow = new Exchange();
        watch.watch(slow);
        pass(799);
        assertThat(slow.told).hasValue(0);
        pass(51);
        assertThat(slow.told).hasValue(1);
        pass(10_000);
        assertThat(slow.told).hasValue(1);
    }

    @Test
    void shouldTellWhatStillRunsThoughOthersHaveEnded() {
        Exchange first = new Exchange();
        Exchange second = new Exchange();
        watch.watch(first);
        pass(300);
        watch.watch(second);
        first.ended.set(true);
        pass(799);
        assertThat(second.told).hasValue(0);
        pass(51);
        assertThat(first.told).hasValue(0);
        assertThat(second.told).hasValue(1);
    }

    @Test
    void shouldRunNoTimerOnceNothingIsWatched() {
        Exchange quick = new Exchange();
        watch.watch(quick);
        quick.ended.set(true);
        pass(10_000);
        assertThat(time.getScheduledTaskCount()).isEqualTo(1);
        watch.watch(new Exchange());
        assertThat(time.getScheduledTaskCount()).isEqualTo(2);
    }

    @Test
    void shouldTellAtOnceWhatIsGivenUp() {
        Exchange over = new Exchange();
        Exchange running = new Exchange();
        watch.watch(over);
        watch.watch(running);
        over.ended.set(true);
        watch.giveUp();
        pass(0);
        assertThat(over.told).hasValue(0);
        assertThat(running.told).hasValue(1);
    }

    private void pass(long milliseconds) {
        time.advanceTimeBy(Duration.ofMillis(milliseconds));
    }

    private static final class Exchange implements DeadlineWatch.Watched {

        final AtomicBoolean ended = new AtomicBoolean();
        final AtomicInteger told = new AtomicInteger();

        @Override
        public boolean hasEnded() {
            return ended.get();
        }

        @Override
        public void overdue() {
            told.incrementAndGet();
        }
    }
}
