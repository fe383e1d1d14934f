package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;

/** Shows that a blocking call on a driver's event loop fails the test that makes it. */
final class BlockHoundTests {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final LoopResources loops = LoopResources.create("blockhound", 1, true);

    @AfterEach
    void dispose() {
        loops.disposeLater(Duration.ZERO, PATIENCE).block();
    }

    @Test
    void shouldCatchABlockingCallOnAnEventLoop() {
        StepVerifier.create(onEventLoop(() -> LockSupport.parkNanos(1)))
                .expectErrorSatisfies(error -> assertThat(error).hasMessageContaining("park"))
                .verify(PATIENCE);
    }

    @Test
    void shouldCatchALockThatNoDriverTakes() {
        ReentrantLock lock = new ReentrantLock();
        lock.lock();
        try {
            StepVerifier.create(onEventLoop(lock::lock))
                    .expectErrorSatisfies(error -> assertThat(error).hasMessageContaining("park"))
                    .verify(PATIENCE);
        } finally {
            lock.unlock();
        }
    }

    private Mono<Void> onEventLoop(Runnable task) {
        return Mono.create(sink -> loops.onServer(false).execute(() -> {
            try {
                task.run();
                sink.success();
            } catch (BlockingOperationError e) {
                sink.error(e);
            }
        }));
    }
}
