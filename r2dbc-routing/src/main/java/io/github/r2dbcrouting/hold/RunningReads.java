package io.github.r2dbcrouting.hold;

import io.github.r2dbcrouting.acquiring.Acquiring;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import org.jspecify.annotations.Nullable;

/** What one virtual connection holds without a pin: the connections whose results are not over yet, the latest first. */
public final class RunningReads {

    private volatile @Nullable Hold latest;
    private volatile @Nullable NodeId lastNode;

    /** Returns where the last read went, or {@code null}. */
    public @Nullable NodeId lastNode() {
        return lastNode;
    }

    /** Adds a connection that was taken for a read, which others may join. */
    public void begin(Hold hold) {
        keep(hold);
        lastNode = hold.lease().node();
    }

    /** Adds a connection that is to be looked at again, and forgets those that are back. */
    public void keep(Hold hold) {
        hold.follow(firstOpen(latest));
        for (Hold open = hold.previous(); open != null; open = open.previous()) {
            open.follow(firstOpen(open.previous()));
        }
        latest = hold;
    }

    private static @Nullable Hold firstOpen(@Nullable Hold first) {
        Hold open = first;
        while (open != null && open.hasEnded()) {
            open = open.previous();
        }
        return open;
    }

    /** Returns the latest one, retained, if it is one to that node and another read may run on it; else {@code null}. */
    public @Nullable Hold join(NodeState node, RouteDecision decision, Acquiring acquiring) {
        Hold shared = latest;
        return shared != null && isShareable(shared, node, decision, acquiring) && shared.tryRetain() ? shared : null;
    }

    private static boolean isShareable(Hold hold, NodeState node, RouteDecision decision, Acquiring acquiring) {
        return hold.isFit()
                && hold.lease().node().equals(node.id())
                && hold.lease().generation() == node.generation()
                && (decision.request().requiredPosition() == null || acquiring.isConfirmed(hold.lease(), decision));
    }

    /** No other read joins what runs now. */
    public void retire() {
        Hold shared = latest;
        if (shared != null) {
            shared.retire();
        }
    }

    /** The virtual connection has ended: what its user has left has a limited time. */
    public void end() {
        lastNode = null;
        for (Hold hold = latest; hold != null; hold = hold.previous()) {
            // What was abandoned is watched already.
            if (!hold.isWhollyAbandoned()) {
                hold.watch();
            }
        }
        latest = null;
    }
}
