package io.github.r2dbcrouting.cluster;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** What happens to the bytes of all connections in one direction: they pass, pass later, or are held. */
final class TrafficGate {

    /** How many pieces may be on their way at once; the sender is slowed down beyond that. */
    private static final int IN_FLIGHT = 256;

    private final Scheduler scheduler;
    private volatile Duration latency = Duration.ZERO;
    private volatile Sinks.Empty<Void> hurry = Sinks.empty();
    private volatile Sinks.@Nullable Empty<Void> opening;

    TrafficGate(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Delays what comes from now on; without a delay, what is still on its way arrives at once. */
    synchronized void delay(Duration duration) {
        latency = duration;
        if (duration.isZero()) {
            Sinks.Empty<Void> hurried = hurry;
            hurry = Sinks.empty();
            hurried.tryEmitEmpty().orThrow();
        }
    }

    synchronized void shut() {
        if (opening == null) {
            opening = Sinks.empty();
        }
    }

    synchronized void open() {
        Sinks.Empty<Void> waitedFor = opening;
        opening = null;
        if (waitedFor != null) {
            // It cannot fail: only this call, which is made once for each sink, emits.
            waitedFor.tryEmitEmpty().orThrow();
        }
    }

    /** Completes when the gate is open; at once if it is. */
    Mono<Void> whenOpen() {
        return Mono.defer(() -> {
            Sinks.Empty<Void> waitedFor = opening;
            return waitedFor == null ? Mono.empty() : waitedFor.asMono();
        });
    }

    /** Passes pieces on in their order. The end passes the gate as they do, an error as an end. */
    Flux<byte[]> pass(Flux<byte[]> pieces) {
        return pieces.onErrorComplete()
                .flatMapSequential(piece -> delayed().then(whenOpen()).thenReturn(piece), IN_FLIGHT, IN_FLIGHT)
                .concatWith(Mono.defer(() -> delayed().then(whenOpen()).then(Mono.empty())));
    }

    private Mono<Void> delayed() {
        Mono<Void> hurried = hurry.asMono();
        Duration delay = latency;
        return delay.isZero()
                ? Mono.empty()
                : Mono.firstWithSignal(Mono.delay(delay, scheduler).then(), hurried);
    }
}
