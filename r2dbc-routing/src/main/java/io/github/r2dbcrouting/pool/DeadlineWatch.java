package io.github.r2dbcrouting.pool;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.scheduler.Scheduler;

/**
 * Gives things the same time to end by themselves, which nearly all do within a millisecond, and tells those that do not.
 * One timer serves all, and none runs while nothing is watched: to watch costs an entry in a queue, to end costs nothing.
 * Safe for concurrent use.
 */
public final class DeadlineWatch {

    /** To look more often would cost more than it is worth. */
    private static final long SHORTEST_TICK = TimeUnit.MILLISECONDS.toNanos(10);

    /** What has ended is held by the queue no longer than this. */
    private static final long LONGEST_TICK = TimeUnit.MILLISECONDS.toNanos(50);

    private static final int TICKS = 8;

    private final long patience;
    private final long tick;
    private final Scheduler scheduler;
    private final ConcurrentLinkedQueue<Entry> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean armed = new AtomicBoolean();

    /**
     * Creates a watch.
     *
     * @param patience how long anything may take; it is told after this and an eighth of it at the latest, give or take what
     *     the timer makes of it, which looks every 10 to 50 ms
     * @param scheduler times the watch and tells what is overdue
     */
    public DeadlineWatch(Duration patience, Scheduler scheduler) {
        this.patience = patience.toNanos();
        this.tick = Math.max(SHORTEST_TICK, Math.min(this.patience / TICKS, LONGEST_TICK));
        this.scheduler = scheduler;
    }

    /** Something that should come to its end by itself. */
    public interface Watched {

        boolean hasEnded();

        /** Called once if it did not end in time. Must not block. */
        void overdue();

        /** Called when there is no use in waiting any longer. Must not block. */
        default void futile() {
            overdue();
        }
    }

    /** Watches from now on. */
    public void watch(Watched watched) {
        queue.add(new Entry(watched, now() + patience));
        arm();
    }

    /** Tells all that have not ended that there is no use in waiting any longer. */
    public void giveUp() {
        queue.forEach(entry -> {
            if (!entry.watched.hasEnded()) {
                try {
                    scheduler.schedule(entry.watched::futile);
                } catch (RejectedExecutionException disposed) {
                    entry.watched.futile();
                }
            }
        });
    }

    private void arm() {
        if (armed.compareAndSet(false, true)) {
            try {
                scheduler.schedule(this::sweep, tick, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException disposed) {
                // Its timers have ended with the application: nobody is left to be told.
                queue.clear();
            }
        }
    }

    private void sweep() {
        long now = now();
        queue.removeIf(entry -> entry.isSettled(now, scheduler));
        armed.set(false);
        if (!queue.isEmpty()) {
            arm();
        }
    }

    private long now() {
        return scheduler.now(TimeUnit.NANOSECONDS);
    }

    private record Entry(Watched watched, long deadline) {

        boolean isSettled(long now, Scheduler scheduler) {
            if (watched.hasEnded()) {
                return true;
            }
            boolean overdue = now - deadline >= 0;
            if (overdue) {
                // Each on its own: whoever is told may run code of the user's.
                scheduler.schedule(watched::overdue);
            }
            return overdue;
        }
    }
}
