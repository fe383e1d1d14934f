package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.consistency.Loss;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Tells what failovers have cost sessions: each is counted and an event, and the first one of an epoch is a warning in the log. Safe
 * for concurrent use; whoever reports never waits.
 */
public final class SessionReports {

    private static final Logger logger = LoggerFactory.getLogger(SessionReports.class);

    private final Sinks.Many<SessionEvent> losses = Sinks.many().multicast().directBestEffort();
    private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicLong warnedOf = new AtomicLong();
    private final LongAdder lost = new LongAdder();
    private final LongAdder unknown = new LongAdder();
    private final Scheduler callbacks;

    /**
     * Creates them for a factory.
     *
     * @param callbacks calls the subscribers, so that none of them holds up a read
     */
    public SessionReports(Scheduler callbacks) {
        this.callbacks = callbacks;
    }

    /** Reports a loss if there is one. */
    void report(@Nullable Loss loss) {
        if (loss == null) {
            return;
        }
        (loss.certain() ? lost : unknown).increment();
        if (warnedOf.getAndSet(loss.epoch()) != loss.epoch()) {
            logger.warn("{}; further sessions of this epoch are counted only", loss);
        } else {
            logger.debug("{}", loss);
        }
        SessionEvent event = SessionEvent.of(loss);
        // Best effort: without a subscriber, or after the end, it goes nowhere.
        emit(() -> losses.tryEmitNext(event));
    }

    /** A sink takes one signal at a time; who comes second leaves his to the first one. */
    private void emit(Runnable signal) {
        queue.add(signal);
        if (queued.getAndIncrement() != 0) {
            return;
        }
        do {
            Runnable next = queue.poll();
            if (next != null) {
                next.run();
            }
        } while (queued.decrementAndGet() != 0);
    }

    /**
     * Returns a hot {@link Flux} of the events from the subscription on. Best effort: a subscriber who is more than some hundred events
     * behind misses some; {@link #counts()} does not. It completes with the factory and never fails.
     */
    public Flux<SessionEvent> events() {
        return losses.asFlux().publishOn(callbacks);
    }

    public LossCounts counts() {
        return new LossCounts(lost.sum(), unknown.sum());
    }

    /** Completes the events, after those that were reported before. */
    public void end() {
        emit(losses::tryEmitComplete);
    }
}
