package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.switches.Switched.Passing;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/** The timers of what is switched for a time, one for each that holds. Safe for concurrent use. */
final class Expiries {

    private final Scheduler timers;
    private final Map<Key, Disposable> pending = new ConcurrentHashMap<>();
    private volatile boolean ended;

    Expiries(Scheduler timers) {
        this.timers = timers;
    }

    /** Each is one of its own, however equal to another. */
    private record Key(Passing passing) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that && passing == that.passing;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(passing);
        }
    }

    /** Does something when what holds for a time is over. */
    void after(Duration expiry, Passing passing, Runnable end) {
        Key key = new Key(passing);
        Disposable.Swap timer = Disposables.swap();
        pending.put(key, timer);
        timer.update(timers.schedule(
                () -> {
                    pending.remove(key);
                    end.run();
                },
                expiry.toNanos(),
                TimeUnit.NANOSECONDS));
        if (ended) {
            timer.dispose();
        }
    }

    /** Drops the timers of what does not hold any more. */
    void keepOnly(Predicate<Passing> held) {
        pending.forEach((key, timer) -> {
            if (!held.test(key.passing()) && pending.remove(key, timer)) {
                timer.dispose();
            }
        });
    }

    int pending() {
        return pending.size();
    }

    boolean haveEnded() {
        return ended;
    }

    void end() {
        ended = true;
        keepOnly(passing -> false);
    }
}
