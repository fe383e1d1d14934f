package io.github.r2dbcrouting.monitor;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * The moments at which something follows though nothing was heard: when slower nodes have had their time at the start, and when a node
 * was left out for long enough. Used by one thread at a time.
 */
final class DueTimes {

    private final Duration grace;
    private final Scheduler scheduler;
    private final Runnable due;
    private Disposable graceTimer = Disposables.disposed();
    private Disposable standingTimer = Disposables.disposed();

    /**
     * Creates it without any.
     *
     * @param grace the time for slower nodes
     * @param due is run on the scheduler at each of those moments
     */
    DueTimes(Duration grace, Scheduler scheduler, Runnable due) {
        this.grace = grace;
        this.scheduler = scheduler;
        this.due = due;
    }

    /** Times what a new state waits for. */
    void follow(MonitorState before, MonitorState after) {
        if (after.awaitsGrace() && !before.awaitsGrace()) {
            graceTimer = after(grace.toNanos());
        }
        if (after.standings() != before.standings()) {
            standingTimer.dispose();
            Long next = after.standings().nextEnd(scheduler.now(TimeUnit.NANOSECONDS));
            standingTimer = next == null ? Disposables.disposed() : after(next);
        }
    }

    /** Waits for nothing any more. */
    void stop() {
        graceTimer.dispose();
        standingTimer.dispose();
    }

    private Disposable after(long nanos) {
        return scheduler.schedule(due, nanos, TimeUnit.NANOSECONDS);
    }
}
