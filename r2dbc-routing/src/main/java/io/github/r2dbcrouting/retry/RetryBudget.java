package io.github.r2dbcrouting.retry;

import io.github.r2dbcrouting.settings.RetrySettings;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * A bucket of tokens, one for each retry. It fills by so many a second and by a share of a token for each statement, as those
 * of Finagle ({@code RetryBudget}) do, and holds ten seconds' worth of the former at most: over any time of {@code t} seconds
 * with {@code n} statements no more than {@code (10 + t) * perSecond + n * share} tokens are taken. Unlike theirs it is
 * filled only when a token is asked for, so that a statement which does not fail costs no more than being counted. Safe
 * for concurrent use, without a lock.
 */
final class RetryBudget {

    /** For as long Finagle and its kin keep what was not spent. */
    static final int SAVED_SECONDS = 10;

    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int perSecond;
    private final double share;
    private final LongSupplier clock;
    private final LongAdder statements = new LongAdder();
    private final AtomicReference<Balance> balance;

    /**
     * Creates a full budget.
     *
     * @param clock monotonic, in nanoseconds
     */
    RetryBudget(RetrySettings settings, LongSupplier clock) {
        this.perSecond = settings.perSecond();
        this.share = settings.share();
        this.clock = clock;
        this.balance = new AtomicReference<>(new Balance(most(), clock.getAsLong(), 0));
    }

    private double most() {
        return (double) SAVED_SECONDS * perSecond;
    }

    /** Counts a statement. */
    void statement() {
        statements.increment();
    }

    /** Takes a token, if there is one. */
    boolean tryTake() {
        while (true) {
            Balance before = Objects.requireNonNull(balance.get());
            Balance now = credited(before);
            if (now.tokens < 1) {
                return false;
            }
            if (balance.compareAndSet(before, now.less(1))) {
                return true;
            }
        }
    }

    /** Clock and count may have been read by another thread later than by this one, which takes nothing back. */
    private Balance credited(Balance before) {
        long elapsed = Math.max(0, clock.getAsLong() - before.at);
        long counted = Math.max(0, statements.sum() - before.statements);
        double tokens = before.tokens + elapsed / NANOS * perSecond + counted * share;
        return new Balance(Math.min(most(), tokens), before.at + elapsed, before.statements + counted);
    }

    /** What was left at one moment, after so many statements. */
    private record Balance(double tokens, long at, long statements) {

        Balance less(int taken) {
            return new Balance(tokens - taken, at, statements);
        }
    }
}
