package io.github.r2dbcrouting.hold;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import org.jspecify.annotations.Nullable;

/** What was heard of a connection and its node while the connection is held, and when that is too little. */
final class SignsOfLife {

    /** One probe that fails may be an accident; a long statement is not given up for it. */
    private static final int FAILURES_TO_GIVE_UP = 2;

    /** Counts what ended while something else went on, roughly: that it changes is what matters. */
    private int ended = 1;

    /** The last that was heard of the node when what is under way began to wait. */
    private volatile @Nullable Replication heardBefore;

    /** The wait begins, or begins anew. */
    void waitFrom(@Nullable NodeState now) {
        heardBefore = now == null ? null : now.replication();
    }

    /** Something has ended, and something else goes on. */
    void somethingEnded() {
        ended++;
    }

    /** Returns a number that changes whenever something has ended; not 0. */
    int ended() {
        return ended == 0 ? 1 : ended;
    }

    /**
     * Returns whether what is under way is to be given up, now that the node has not answered a probe.
     *
     * @param pinned whether it cannot run elsewhere, so that it is given up only when the node is certainly lost
     */
    boolean areTooFew(NodeState node, boolean pinned) {
        long sinceWaiting = heardSinceWaiting(node);
        boolean certain = node.failures() >= FAILURES_TO_GIVE_UP;
        // Less than nothing: told late of an outage that was over when the wait began.
        return sinceWaiting >= 0 && (certain || !pinned && sinceWaiting == 0);
    }

    /** Returns how much later than the wait began the last sample of the node is, in nanoseconds. */
    private long heardSinceWaiting(NodeState node) {
        Replication latest = node.replication();
        Replication then = heardBefore;
        return then == null || latest == null ? 1 : latest.sampledAt() - then.sampledAt();
    }
}
