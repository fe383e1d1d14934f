package io.github.r2dbcrouting.outlier;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.atomic.LongAdder;

/**
 * What became of the statements on one life of a node. Written concurrently without a lock, for some nanoseconds a statement; what
 * comes late of an earlier life goes to the outcomes of that one, at which nobody looks any more.
 */
public final class NodeOutcomes {

    private static final AtomicReferenceFieldUpdater<NodeOutcomes, Streak> STREAK =
            AtomicReferenceFieldUpdater.newUpdater(NodeOutcomes.class, Streak.class, "streak");

    private final long generation;
    private final int consecutiveErrors;
    private final Runnable alarm;
    private final LatencyHistogram latencies = new LatencyHistogram();
    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private volatile Streak streak = Streak.NONE;

    NodeOutcomes(long generation, int consecutiveErrors, Runnable alarm) {
        this.generation = generation;
        this.consecutiveErrors = consecutiveErrors;
        this.alarm = alarm;
    }

    /** A statement is about to be sent; one of {@link #answered}, {@link #ended} and {@link #failed} follows. */
    public void began() {
        begun.increment();
    }

    /** The first sign of an answer to a statement has come, if only an error of its user's; how long the rest takes is up to its user. */
    public void answered(long nanos) {
        latencies.count(nanos);
        ended.increment();
    }

    /** A statement that was answered has come to its end without a fault of the node. */
    public void succeeded() {
        if (streak != Streak.NONE) {
            streak = Streak.NONE;
        }
    }

    /** A statement has ended without an answer, in a way that says neither good nor ill of the node. */
    public void ended() {
        ended.increment();
    }

    /** A statement has failed by the node's fault before it was answered. */
    public void failed(long beganAt, long now) {
        ended.increment();
        failedBefore(beganAt, now);
    }

    /**
     * Something has failed by the node's fault before any statement began, such as opening a connection, or after the first sign of an
     * answer.
     *
     * @param beganAt when that began, in nanoseconds of the factory's clock; what began before the last failure was the victim of the
     *     same blow, and counts no further
     * @param now in nanoseconds of the same clock
     */
    public void failedBefore(long beganAt, long now) {
        Streak longer = STREAK.updateAndGet(this, present -> present.plus(beganAt, now));
        if (longer.errors() == consecutiveErrors && longer.lastAt() == now) {
            alarm.run();
        }
    }

    long generation() {
        return generation;
    }

    /** Returns how many statements in a row have failed, each begun after the one before had failed. */
    int errors() {
        return streak.errors();
    }

    /** The streak was acted upon: the next one has to be as long again. */
    void forgetErrors() {
        streak = Streak.NONE;
    }

    long begun() {
        return begun.sum();
    }

    /** Returns how many statements are awaited no more: they were answered, or have ended otherwise. */
    long endedInAll() {
        return ended.sum();
    }

    int drainLatencies(int[] totals) {
        return latencies.drainTo(totals);
    }

    /** How many errors there were in a row, and when the last of them came. */
    private record Streak(int errors, long lastAt) {

        static final Streak NONE = new Streak(0, 0);

        Streak plus(long beganAt, long now) {
            return errors == 0 || beganAt - lastAt >= 0 ? new Streak(errors + 1, now) : this;
        }
    }
}
