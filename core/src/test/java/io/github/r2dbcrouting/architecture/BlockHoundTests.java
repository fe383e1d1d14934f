package io.github.r2dbcrouting.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.EchoEncoder;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Shows that a blocking call on a non-blocking thread fails the test that makes it. */
final class BlockHoundTests {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void shouldCatchABlockingCallOnANonBlockingThread() {
        StepVerifier.create(onNonBlockingThread(() -> LockSupport.parkNanos(1)))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(BlockingOperationError.class)
                        .hasMessageContaining("park"))
                .verify(PATIENCE);
    }

    @Test
    void shouldLetLoggingWaitForItsOutput() {
        OutputStreamAppender<String> appender = new OutputStreamAppender<>();
        EchoEncoder<String> encoder = new EchoEncoder<>();
        encoder.setContext(new LoggerContext());
        encoder.start();
        appender.setContext(new LoggerContext());
        appender.setEncoder(encoder);
        appender.setOutputStream(new SlowOutput());
        appender.start();

        StepVerifier.create(onNonBlockingThread(() -> appender.doAppend("a line")))
                .expectComplete()
                .verify(PATIENCE);
    }

    private static Mono<Void> onNonBlockingThread(Runnable task) {
        return Mono.<Void>fromRunnable(task).subscribeOn(Schedulers.parallel());
    }

    private static final class SlowOutput extends OutputStream {

        @Override
        public void write(int unused) {
            LockSupport.parkNanos(1);
        }
    }
}
