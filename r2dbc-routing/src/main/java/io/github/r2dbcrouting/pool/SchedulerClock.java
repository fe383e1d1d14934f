package io.github.r2dbcrouting.pool;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Scheduler;

/** Tells a pool how much time has passed, by a scheduler's monotonic clock: it is not the time of day, and is never set back. */
final class SchedulerClock extends Clock {

    private final Scheduler scheduler;
    private final long origin;

    SchedulerClock(Scheduler scheduler) {
        this.scheduler = scheduler;
        // The pool takes what is not positive for a time that was never noted.
        this.origin = scheduler.now(TimeUnit.NANOSECONDS) - TimeUnit.SECONDS.toNanos(1);
    }

    @Override
    public long millis() {
        return TimeUnit.NANOSECONDS.toMillis(scheduler.now(TimeUnit.NANOSECONDS) - origin);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
