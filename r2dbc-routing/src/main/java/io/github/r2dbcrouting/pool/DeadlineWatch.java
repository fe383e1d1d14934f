package io.github.r2dbcrouting.connection;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.scheduler.Scheduler;

/**
 * Gives abandoned exchanges some time to come to their end by themselves, which nearly all do within a millisecond, and
 * tells those that do not. One timer serves all, and none runs while nothing is abandoned.
 */
public final class DrainWatch {

    private final long patience;
    private final Scheduler scheduler;
    private final ConcurrentLinkedQueue<Watched> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean armed = new AtomicBoolean();

    /**
     * Creates a watch.
     *
     * @param patience how long an exchange may take; it is told at the earliest after this and at the latest after twice
     *     as long
     */
    public DrainWatch(Duration patience, Scheduler scheduler) {
        this.patience = patience.toNanos();
        this.scheduler = scheduler;
    }

    /** Something that should come to its end by itself. */
    interface Drainable {

        boolean hasEnded();

        /** Called once if it did not end in time. Must not block. */
        void overdue();
    }

    void watch(Drainable drainable) {
        queue.add(new Watched(drainable, now() + patience));
        arm();
    }

    private void arm() {
        if (armed.compareAndSet(false, true)) {
            scheduler.schedule(this::sweep, patience, TimeUnit.NANOSECONDS);
        }
    }

    /** All wait equally long, so that the queue is in the order of the deadlines. */
    private void sweep() {
        long now = now();
        for (Watched head = queue.peek(); head != null && head.isSettled(now); head = queue.peek()) {
            queue.poll();
            if (!head.drainable.hasEnded()) {
                head.drainable.overdue();
            }
        }
        armed.set(false);
        if (!queue.isEmpty()) {
            arm();
        }
    }

    private long now() {
        return scheduler.now(TimeUnit.NANOSECONDS);
    }

    private record Watched(Drainable drainable, long deadline) {

        boolean isSettled(long now) {
            return now - deadline >= 0 || drainable.hasEnded();
        }
    }
}
