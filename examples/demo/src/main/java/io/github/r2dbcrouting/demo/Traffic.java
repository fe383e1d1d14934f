package io.github.r2dbcrouting.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;

/** Users of the application: readers, a writer, and somebody who draws up reports. Each checks what comes back. */
final class Traffic {

    static final int READERS = 8;

    private static final Duration READER_PAUSE = Duration.ofMillis(5);
    private static final Duration WRITER_PAUSE = Duration.ofMillis(20);
    private static final Duration REPORT_PAUSE = Duration.ofMillis(50);

    private final Items items;
    private final int known;
    private final Tally tally;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicLong written = new AtomicLong();
    private final List<Loop> readersAndWriter = new ArrayList<>();
    private final List<Loop> reports = new ArrayList<>();

    /**
     * Prepares the users.
     *
     * @param known how many items there are, named {@code item 1} and so on
     * @param tally counts what they do
     */
    Traffic(Items items, int known, Tally tally) {
        this.items = items;
        this.known = known;
        this.tally = tally;
    }

    void start() {
        for (int i = 0; i < READERS; i++) {
            readersAndWriter.add(Loop.start(tally.counted(Mono.defer(this::read)), READER_PAUSE));
        }
        readersAndWriter.add(Loop.start(tally.counted(Mono.defer(this::write)), WRITER_PAUSE));
        startReports();
    }

    void startReports() {
        reports.add(Loop.start(tally.counted(items.report()), REPORT_PAUSE));
    }

    void stopReports(Duration limit) {
        reports.forEach(loop -> loop.stop(limit));
        reports.clear();
    }

    void stop(Duration limit) {
        stopReports(limit);
        readersAndWriter.forEach(loop -> loop.stop(limit));
        readersAndWriter.clear();
    }

    /** Returns how many writes were acknowledged. */
    long written() {
        return written.get();
    }

    private Mono<String> read() {
        int id = 1 + Math.floorMod(next.getAndIncrement(), known);
        return items.name(id)
                .filter(name -> name.equals("item " + id))
                .switchIfEmpty(Mono.error(() -> new IllegalStateException("item " + id + " has another name")));
    }

    private Mono<Long> write() {
        return items.add("one more").doOnNext(rows -> written.addAndGet(rows));
    }
}
