package io.github.r2dbcrouting.switches;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Tells of changes in the order in which they took effect: whoever has made the second one before the first one was told leaves his to
 * whoever made the first.
 */
final class SwitchEvents {

    private static final Logger logger = LoggerFactory.getLogger(RoutingSwitches.class);

    private final Sinks.Many<SwitchEvent> events = Sinks.many().multicast().directBestEffort();
    private final Map<Long, Told> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger signals = new AtomicInteger();
    private final Scheduler callbacks;
    private volatile boolean ended;

    /** Only whoever drains reads and writes it. */
    private long next = 1;

    /** An event, and how it is logged. */
    private record Told(SwitchEvent event, Consumer<Logger> line) {}

    SwitchEvents(Scheduler callbacks) {
        this.callbacks = callbacks;
    }

    /**
     * Tells of a change.
     *
     * @param version which one it is; they begin with 1 and leave none out
     * @param line logs it
     */
    void tell(long version, SwitchEvent event, Consumer<Logger> line) {
        waiting.put(version, new Told(event, line));
        drain();
    }

    /** Completes the events, after those that are told by now. */
    void end() {
        ended = true;
        drain();
    }

    Flux<SwitchEvent> flux() {
        return events.asFlux().publishOn(callbacks);
    }

    private void drain() {
        if (signals.getAndIncrement() != 0) {
            return;
        }
        do {
            for (Told told = waiting.remove(next); told != null; told = waiting.remove(next)) {
                next++;
                told.line().accept(logger);
                // Best effort: without a subscriber it goes nowhere.
                events.tryEmitNext(told.event());
            }
            if (ended) {
                events.tryEmitComplete();
            }
        } while (signals.decrementAndGet() != 0);
    }
}
