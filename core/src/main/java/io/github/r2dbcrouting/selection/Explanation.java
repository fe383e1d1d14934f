package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Says after the fact what spoke for and against each node, from the snapshot that the decision was made from. */
final class Explanation implements RouteDecision.Verdicts {

    private final SnapshotRouter router;

    Explanation(SnapshotRouter router) {
        this.router = router;
    }

    @Override
    public Map<NodeId, String> explain(RouteDecision decision) {
        ReadLadder ladder = router.pastLadder(decision.topology());
        Map<NodeId, String> verdicts = new LinkedHashMap<>();
        for (NodeState node : decision.topology().nodes()) {
            verdicts.put(node.id(), verdict(node, ladder, decision));
        }
        return Collections.unmodifiableMap(verdicts);
    }

    private String verdict(NodeState node, ReadLadder ladder, RouteDecision decision) {
        NodeState chosen = decision.node();
        if (chosen != null && chosen.id().equals(node.id())) {
            return "chosen: " + decision.reason();
        }
        return switch (Target.of(decision.request())) {
            case NAMED -> againstNamed(node, decision);
            case PRIMARY -> againstPrimary(node, ladder, decision.request());
            case REPLICA -> againstReplica(node, ladder, decision);
        };
    }

    private static String againstNamed(NodeState node, RouteDecision decision) {
        return node.id().equals(decision.request().hints().node()) ? decision.reason() : "another node is named";
    }

    private static String againstPrimary(NodeState node, ReadLadder ladder, RouteRequest request) {
        Objection unusable = NodeCondition.usable().objection(node);
        if (unusable != null) {
            return unusable.text();
        }
        if (ladder.isPrimary(node)) {
            return "primary, but it has just failed this statement";
        }
        Objection notReplica = NodeCondition.replica().objection(node);
        if (notReplica != null) {
            return notReplica.text();
        }
        return request.access() == Access.WRITE
                ? "replica: writes go to the primary"
                : "replica: asked for the primary";
    }

    private String againstReplica(NodeState node, ReadLadder ladder, RouteDecision decision) {
        RouteRequest request = decision.request();
        if (request.excludedNodes().contains(node.id())) {
            return "excluded: has just failed this statement";
        }
        if (ladder.isPrimary(node)) {
            return decision.node() != null ? "primary: reads prefer replicas" : "primary: the fallback to it is off";
        }
        Objection objection = ladder.objection(node);
        if (objection != null) {
            return objection.text();
        }
        if (!router.hasCovered(node, request.requiredPosition())) {
            return "has not covered " + request.requiredPosition();
        }
        NodeState chosen = decision.node();
        return node.health() == NodeHealth.DEGRADED && chosen != null && chosen.health() == NodeHealth.HEALTHY
                ? "degraded: " + node.problem() + "; serves when no healthy replica is eligible"
                : "eligible: it was the turn of another";
    }
}
