package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be decided, and by what; kept with the decision to explain it afterwards.
 *
 * @param topology the snapshot
 * @param ladder what the snapshot means for reads within the asked limits
 * @param request what was asked
 * @param hints the user's wishes, those of the factory's default among them
 * @param now when it is decided, on the clock of the samples; only where a bound of staleness is asked for
 */
record Question(Topology topology, ReadLadder ladder, RouteRequest request, RoutingHints hints, long now)
        implements RouteDecision.Verdicts {

    RouteDecision chosen(NodeState node, String reason) {
        return new RouteDecision(request, topology, node, reason, null, hints.bound(), this);
    }

    RouteDecision refused(Refusal refusal, String reason) {
        return new RouteDecision(request, topology, null, reason, refusal, hints.bound(), this);
    }

    boolean isExcluded(NodeState node) {
        return request.excludedNodes().contains(node.id());
    }

    /** Returns whether a replica that is eligible by the snapshot is so at this moment, for this statement. */
    boolean suits(NodeState replica) {
        return !isExcluded(replica) && ladder.hasCovered(replica, requiredPosition()) && tooStale(replica) == null;
    }

    /** Returns whether all candidates of a rung are seen at once to suit, as they do as a rule. */
    boolean suitAll(Rung rung) {
        if (!request.excludedNodes().isEmpty() || hints.bound() != null) {
            return false;
        }
        PositionBound required = requiredPosition();
        return required == null || ladder.haveAllCovered(rung, required);
    }

    /** Returns what speaks against a replica of which no more than so much staleness is allowed, or {@code null}. */
    @Nullable
    Objection tooStale(NodeState replica) {
        Duration bound = hints.bound();
        return bound == null ? null : NodeCondition.staleAtMost(bound, now).objection(replica);
    }

    @Nullable
    PositionBound requiredPosition() {
        return request.requiredPosition();
    }

    /** Says of a node what it has not covered. */
    String uncovered() {
        PositionBound required = requiredPosition();
        return required != null && required.isLost()
                ? "is not known to show what the session has seen"
                : "has not covered " + required;
    }

    @Override
    public boolean wantReplica() {
        return Target.of(request.access(), hints) == Target.REPLICA;
    }

    @Override
    public Map<NodeId, String> explain(RouteDecision decision) {
        return new Explanation(this).of(decision);
    }
}
