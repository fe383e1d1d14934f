package io.github.r2dbcrouting.balancing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The live numbers of one node, as this process sees it. Written and read concurrently, without a lock; to read one costs a volatile
 * read or two.
 *
 * <p>Its latency is a peak-sensitive moving average, after Finagle's {@code PeakEwma}: it rises to what an answer took, but to no more
 * than double at a time, and comes down by an eighth of the way with a faster one, or by more if time has passed. Unlike Finagle's it
 * does not rise all the way at once, since one pause of a good node would make it look like a bad one. What is known halves with each
 * {@link #HALF_LIFE} without news, so that a node that was slow once is tried again. For as long as the one statement by which it is tried should take,
 * what is known counts in full, so that no others follow it.
 */
public final class NodeLoad {

    private static final int HALF_LIFE_BITS = 32;

    /** The time after which what is known of a latency counts half: about 4.3 s, a power of two in nanoseconds. */
    public static final Duration HALF_LIFE = Duration.ofNanos(1L << HALF_LIFE_BITS);

    /** What a failure counts at least, so that a node that fails quickly does not look fast. */
    static final Duration LEAST_FAILURE = Duration.ofMillis(100);

    /** Up to which a failure counts twice what is known, so that one failure after another weighs more and more. */
    static final Duration MOST_FAILURE = Duration.ofSeconds(10);

    /** What a node that has come back may be given from the first moment on, in relation to others. */
    static final double FIRST_SHARE = 0.05;

    private static final AtomicIntegerFieldUpdater<NodeLoad> IN_FLIGHT =
            AtomicIntegerFieldUpdater.newUpdater(NodeLoad.class, "inFlight");
    private static final AtomicReferenceFieldUpdater<NodeLoad, @Nullable News> NEWS =
            AtomicReferenceFieldUpdater.newUpdater(NodeLoad.class, News.class, "news");

    /** A day; more need not be told apart. */
    private static final long LONGEST = Duration.ofDays(1).toNanos();

    /** Nodes that answer within a millisecond rise by that. */
    private static final long LEAST_RISE = Duration.ofMillis(1).toNanos();

    private static final int FALL = 8;

    private static final long NEVER = Long.MIN_VALUE;

    private final LongSupplier clock;
    private final double slowStart;
    private volatile int inFlight;
    private volatile @Nullable News news;
    private volatile long givenAt;
    private volatile long returnedAt = NEVER;

    /**
     * What is known of the latency.
     *
     * @param nanos more than 0
     * @param at when it was learnt
     */
    private record News(long nanos, long at) {}

    NodeLoad(LongSupplier clock, Duration slowStart) {
        this.clock = clock;
        this.slowStart = slowStart.toNanos();
    }

    /**
     * Something was given to the node; to be followed by one {@link #ended()}.
     *
     * @return when, for {@link #answered}, {@link #failed} or {@link #unanswered}
     */
    public long began() {
        long now = now();
        givenAt = now;
        goesOn();
        return now;
    }

    /** Something that was given to the node goes on in another form, which ends by itself. */
    void goesOn() {
        IN_FLIGHT.incrementAndGet(this);
    }

    /** Something that was given to the node has ended, in whatever way. */
    public void ended() {
        IN_FLIGHT.decrementAndGet(this);
    }

    /**
     * The node has given its first answer to what was given to it, be it an error of the statement's own.
     *
     * @return when
     */
    public long answered(long begunAt) {
        long now = now();
        long nanos = Math.min(LONGEST, Math.max(1, now - begunAt));
        News known = news;
        while (!NEWS.compareAndSet(this, known, known == null ? new News(nanos, now) : after(known, nanos, now))) {
            known = news;
        }
        return now;
    }

    private static News after(News known, long nanos, long now) {
        long age = now - known.at;
        if (nanos >= known.nanos) {
            return new News(Math.min(nanos, 2 * known.nanos + LEAST_RISE), now);
        }
        long byTime = nanos + left(known.nanos - nanos, age);
        return new News(Math.min(byTime, known.nanos - (known.nanos - nanos) / FALL), now);
    }

    /** What was given to the node has failed by its fault. */
    public void failed(long begunAt) {
        News known = news;
        long twice = known == null ? 0 : Math.min(2 * known.nanos, MOST_FAILURE.toNanos());
        atLeast(Math.max(Math.max(twice, LEAST_FAILURE.toNanos()), now() - begunAt));
    }

    /**
     * Nobody waits any more for the answer to what was given to the node: it would have taken at least so long. A moment without an
     * answer says nothing.
     */
    public void unanswered(long begunAt) {
        News known = news;
        if (now() - begunAt > (known == null ? LEAST_RISE : known.nanos)) {
            answered(begunAt);
        }
    }

    private void atLeast(long nanos) {
        long now = now();
        News known = news;
        while ((known == null || known.nanos < nanos)
                && !NEWS.compareAndSet(this, known, new News(Math.min(LONGEST, nanos), now))) {
            known = news;
        }
    }

    /** The node serves again after an absence: what was known of its latency is forgotten, and its slow start begins. */
    public void returned() {
        news = null;
        returnedAt = now();
    }

    /** Returns how many statements and pinned connections of this process the node has, those that wait for a connection included. */
    public int inFlight() {
        return inFlight;
    }

    /**
     * Returns how long the node takes for its first answer, the waiting for a connection included, in nanoseconds; 0 while
     * nothing is known.
     */
    public long latencyNanos() {
        return latency(now());
    }

    /**
     * Returns which part of its usual share the node is to be given: from {@value #FIRST_SHARE} when it {@linkplain #returned()
     * has come back} to 1 when its slow start is over.
     */
    public double readiness() {
        return readiness(now());
    }

    long now() {
        return clock.getAsLong();
    }

    long latency(long now) {
        News known = news;
        if (known == null) {
            return 0;
        }
        return now - givenAt < 2 * known.nanos ? known.nanos : Math.max(1, left(known.nanos, now - known.at));
    }

    double readiness(long now) {
        long since = returnedAt;
        return since == NEVER ? 1 : Math.min(1, Math.max(FIRST_SHARE, (now - since) / slowStart));
    }

    /**
     * Returns what is left of a latency after a time: half after one half-life, a quarter after two, and on straight lines between
     * them, which unlike the exponential function takes no time to work out.
     */
    private static long left(long nanos, long time) {
        if (time <= 0) {
            return nanos;
        }
        long halves = time >>> HALF_LIFE_BITS;
        if (halves >= Long.SIZE) {
            return 0;
        }
        long sixteenBitsOfNextHalf = time >>> (HALF_LIFE_BITS - 16) & 0xffff;
        return nanos - (nanos * sixteenBitsOfNextHalf >>> 17) >>> halves;
    }
}
