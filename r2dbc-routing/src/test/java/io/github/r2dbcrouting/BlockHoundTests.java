package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;

/** Shows that a blocking call on a driver's event loop fails the test that makes it. */
final class BlockHoundTests {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void shouldCatchABlockingCallOnAnEventLoop() {
        LoopResources loops = LoopResources.create("blockhound", 1, true);
        Mono<Void> parks = Mono.create(sink -> loops.onServer(false).execute(() -> {
            try {
                LockSupport.parkNanos(1);
                sink.success();
            } catch (BlockingOperationError e) {
                sink.error(e);
            }
        }));

        StepVerifier.create(parks)
                .expectErrorSatisfies(error -> assertThat(error).hasMessageContaining("park"))
                .verify(PATIENCE);
        loops.disposeLater(Duration.ZERO, Duration.ZERO).block(PATIENCE);
    }
}
