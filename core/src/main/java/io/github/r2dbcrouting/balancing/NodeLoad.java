package io.github.r2dbcrouting.balancing;

import java.util.concurrent.atomic.AtomicInteger;

/** The live numbers of one node. Written and read concurrently, without a lock. */
public final class NodeLoad {

    private final AtomicInteger inFlight = new AtomicInteger();

    /** Something was given to the node; to be followed by one {@link #ended()}. */
    public void began() {
        inFlight.incrementAndGet();
    }

    /** Something that was given to the node has ended, in whatever way. */
    public void ended() {
        inFlight.decrementAndGet();
    }

    /** Returns how many statements and transactions have been given to the node by this process and have not ended. */
    public int inFlight() {
        return inFlight.get();
    }
}
