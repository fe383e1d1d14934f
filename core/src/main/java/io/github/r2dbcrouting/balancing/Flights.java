package io.github.r2dbcrouting.balancing;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * What one borrower of a connection has in flight at its node. Whatever comes to no end by itself, since the connection was dropped, ends
 * with {@link #endAll()}.
 */
public final class Flights {

    private static final AtomicIntegerFieldUpdater<Flights> OPEN =
            AtomicIntegerFieldUpdater.newUpdater(Flights.class, "open");

    private final NodeLoad load;
    private final long askedAt;
    private volatile int open;
    private boolean asked;

    /**
     * Creates a count of nothing yet.
     *
     * @param askedAt when the node was asked for the connection, as {@link NodeLoad#began()} has said: from then on the first thing
     *     that is given to it has waited
     */
    public Flights(NodeLoad load, long askedAt) {
        this.load = load;
        this.askedAt = askedAt;
    }

    /**
     * The connection itself is kept, for a transaction or what else belongs to one session. What is given to it afterwards has not waited
     * for it: until then its user takes the time.
     */
    public void keep() {
        OPEN.incrementAndGet(this);
        asked = true;
        // No answer yet, so a quick one says nothing.
        load.unanswered(askedAt);
        load.goesOn();
    }

    /**
     * Something is given to the node.
     *
     * @return since when it has waited
     */
    public long begin() {
        OPEN.incrementAndGet(this);
        if (asked) {
            return load.began();
        }
        // Of two that begin at the same moment both may have waited.
        asked = true;
        load.goesOn();
        return askedAt;
    }

    /** Something that was given to the node has ended, in whatever way. */
    public void end() {
        int present = open;
        while (present > 0) {
            if (OPEN.compareAndSet(this, present, present - 1)) {
                load.ended();
                return;
            }
            present = open;
        }
    }

    /** Everything has ended, or will never come to an end. */
    public void endAll() {
        for (int left = OPEN.getAndSet(this, 0); left > 0; left--) {
            load.ended();
        }
    }

    /** Returns the numbers of the node. */
    public NodeLoad load() {
        return load;
    }
}
