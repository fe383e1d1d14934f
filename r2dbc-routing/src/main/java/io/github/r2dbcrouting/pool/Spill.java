package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/** Sends reads past a crowded pool, to a node that would do as well and has room. */
public final class Spill {

    private Spill() {}

    /**
     * Returns where a statement goes whose node is {@linkplain NodePool#isCrowded crowded}: nowhere else unless it is a read for a
     * replica that nobody named, and another one of the same health, region and priority has room. What the session must see
     * holds there too. The request stays as it was: a crowded node has not failed.
     */
    public static RouteDecision past(RouteDecision decision, NodePools pools, Router router) {
        NodeState crowded = decision.node();
        if (crowded == null
                || crowded.role() != NodeRole.REPLICA
                || decision.request().hints().node() != null) {
            return decision;
        }
        Set<NodeId> full = new HashSet<>();
        boolean hasOther = false;
        for (NodeState other : decision.topology().nodes()) {
            if (isLike(other, crowded) && pools.isCrowded(other)) {
                full.add(other.id());
            } else {
                hasOther |= isLike(other, crowded);
            }
        }
        return hasOther && full.contains(crowded.id()) ? past(decision, full, router) : decision;
    }

    private static RouteDecision past(RouteDecision decision, Set<NodeId> full, Router router) {
        NodeState crowded = Objects.requireNonNull(decision.node());
        RouteRequest elsewhere = decision.request();
        for (NodeId node : full) {
            elsewhere = elsewhere.excluding(node);
        }
        RouteDecision next = router.route(decision.topology(), elsewhere);
        NodeState other = next.node();
        return other != null && isLike(other, crowded)
                ? decision.movedTo(other, next.reason() + ", since the pool of " + crowded.id() + " has no room")
                : decision;
    }

    /** It never costs the nearness, or the health, of the node for less waiting. */
    private static boolean isLike(NodeState other, NodeState crowded) {
        NodeSettings here = other.settings();
        NodeSettings there = crowded.settings();
        return other.role() == NodeRole.REPLICA
                && other.health() == crowded.health()
                && Objects.equals(here.placement().region(), there.placement().region())
                && here.share().priority() == there.share().priority();
    }
}
