package io.github.r2dbcrouting.retry;

import io.github.r2dbcrouting.settings.RetrySettings;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** How often, when and how much the statements of one factory are sent again. Safe for concurrent use. */
public final class RetryPolicy {

    private final RetrySettings settings;
    private final Scheduler timers;
    private final Backoff backoff;
    private final RetryBudget budget;
    private final LongAdder sent = new LongAdder();
    private final LongAdder free = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder exhausted = new LongAdder();

    /**
     * Creates a policy.
     *
     * @param timers the clock, and what times the pauses
     * @param random from 0 to less than 1, safe for concurrent use
     */
    public RetryPolicy(RetrySettings settings, Scheduler timers, DoubleSupplier random) {
        this.settings = settings;
        this.timers = timers;
        this.backoff = new Backoff(settings, random);
        this.budget = new RetryBudget(settings, this::now);
    }

    /** Counts a statement, of which the budget allows a share to be sent again. */
    public void statement() {
        if (settings.retries() > 0 && settings.share() > 0) {
            budget.statement();
        }
    }

    /** Returns the retries of one statement, none of which was asked for yet. */
    public Retries begin() {
        return new Retries(this);
    }

    /** Returns a cold {@link Mono} that emits after a pause; cancelling it ends the timer. */
    public Mono<Long> after(Duration pause) {
        return Mono.delay(pause, timers);
    }

    /** Returns what was counted so far. */
    public RetryCounts counts() {
        return new RetryCounts(sent.sum(), free.sum(), refused.sum(), exhausted.sum());
    }

    RetrySettings settings() {
        return settings;
    }

    Backoff backoff() {
        return backoff;
    }

    long now() {
        return timers.now(TimeUnit.NANOSECONDS);
    }

    /** Pays for a retry, unless it costs nothing; returns whether there was enough left. */
    boolean pay(boolean costsNothing) {
        if (costsNothing) {
            free.increment();
        } else if (!budget.tryTake()) {
            refused.increment();
            return false;
        }
        sent.increment();
        return true;
    }

    void exhausted() {
        exhausted.increment();
    }
}
