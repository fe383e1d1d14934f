package io.github.r2dbcrouting.demo;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Mono;

/** Counts what became of the application's work; whatever reaches the application as an error is a failure. */
final class Tally {

    private final LongAdder done = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();

    /** Returns the same work, counted each time it is done; its failure is counted instead of passed on. */
    <T> Mono<T> counted(Mono<T> work) {
        return work.doOnSuccess(value -> done.increment()).onErrorResume(error -> {
            failed.increment();
            errors.computeIfAbsent(String.valueOf(error), text -> new LongAdder())
                    .increment();
            return Mono.empty();
        });
    }

    long done() {
        return done.sum();
    }

    long failed() {
        return failed.sum();
    }

    /** Returns the different errors and how often each was seen. */
    Map<String, Long> errors() {
        Map<String, Long> seen = new TreeMap<>();
        errors.forEach((text, times) -> seen.put(text, times.sum()));
        return seen;
    }
}
