package io.github.r2dbcrouting.membership;

import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;
import java.util.List;

/**
 * How far the draining of a node has come.
 *
 * @param node which node
 * @param phase what is being done
 * @param lent how many connections to it are in use, or being opened for somebody
 * @param held the connections to it that are in use, for people; a transaction, or a session that has one of its own, holds one until
 *     it ends
 * @param left for how long they are still waited for
 */
public record DrainProgress(NodeId node, Phase phase, int lent, List<String> held, Duration left) {

    /** What draining is about. */
    public enum Phase {
        /** The node gets nothing more, and some of what it has got is not over. */
        WAITING,
        /** Nothing of this factory is on the node any more. */
        DRAINED,
        /** The time is over. What is held goes on until it ends by itself; the node gets nothing more. */
        OVERDUE,
        /** The time is over, and what was held then was cut off. */
        CUT_OFF,
        /** Somebody has resumed the node meanwhile. */
        RESUMED
    }

    public DrainProgress {
        held = List.copyOf(held);
    }

    /** Returns whether this is the last news. */
    public boolean isFinal() {
        return phase != Phase.WAITING;
    }

    @Override
    public String toString() {
        return "node " + node + ": "
                + switch (phase) {
                    case WAITING ->
                        "draining, " + lent + " connections in use, waits for " + left.toMillis() + " ms more";
                    case DRAINED -> "drained";
                    case OVERDUE ->
                        "drained but for " + lent + " connections, which stay until they are given back: " + held;
                    case CUT_OFF -> "drained, " + lent + " connections cut off: " + held;
                    case RESUMED -> "resumed";
                };
    }
}
