package io.github.r2dbcrouting.demo;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;

/** Repeats a piece of work, with a pause after each time, until it is told to stop. */
final class Loop {

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final CompletableFuture<Void> end;

    private Loop(Mono<?> work, Duration pause) {
        end = work.repeatWhen(times -> times.delayElements(pause).takeWhile(time -> !stopped.get()))
                .then()
                .toFuture();
    }

    static Loop start(Mono<?> work, Duration pause) {
        return new Loop(work, pause);
    }

    /** Starts no further time, and waits for the end of the last one. */
    void stop(Duration limit) {
        stopped.set(true);
        Mono.fromFuture(end).block(limit);
    }
}
