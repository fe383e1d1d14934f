package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Says after the fact what spoke for and against each node, from what the decision was made from. */
final class Explanation {

    private final Question question;
    private final ReadLadder ladder;

    Explanation(Question question) {
        this.question = question;
        this.ladder = question.ladder();
    }

    Map<NodeId, String> of(RouteDecision decision) {
        Map<NodeId, String> verdicts = new LinkedHashMap<>();
        for (NodeState node : question.topology().nodes()) {
            verdicts.put(node.id(), verdict(node, decision));
        }
        return Collections.unmodifiableMap(verdicts);
    }

    private String verdict(NodeState node, RouteDecision decision) {
        NodeState chosen = decision.node();
        if (chosen != null && chosen.id().equals(node.id())) {
            return "chosen: " + decision.reason();
        }
        return switch (Target.of(question.request().access(), question.hints())) {
            case NAMED -> node.id().equals(question.hints().node()) ? decision.reason() : "another node is named";
            case PRIMARY -> againstPrimary(node);
            case REPLICA -> againstReplica(node, decision);
            case WRITE_ON_REPLICA, CONTRADICTION -> "not asked: " + decision.reason();
        };
    }

    private String againstPrimary(NodeState node) {
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
        return question.request().access() == Access.WRITE
                ? "replica: writes go to the primary"
                : "replica: asked for the primary";
    }

    private String againstReplica(NodeState node, RouteDecision decision) {
        if (question.isExcluded(node)) {
            return "excluded: has just failed this statement";
        }
        if (ladder.isPrimary(node)) {
            return decision.node() != null ? "primary: reads prefer replicas" : "primary: the fallback to it is off";
        }
        Objection objection = ladder.objection(node);
        if (objection != null) {
            return objection.text();
        }
        if (!ladder.hasCovered(node, question.requiredPosition())) {
            return question.uncovered();
        }
        Objection stale = question.tooStale(node);
        if (stale != null) {
            return stale.text();
        }
        NodeState chosen = decision.node();
        String region = question.hints().region();
        if (region != null && chosen != null && isOnlyThatIn(region, chosen, node)) {
            return "eligible, but not in region " + region;
        }
        return node.health() == NodeHealth.DEGRADED && chosen != null && chosen.health() == NodeHealth.HEALTHY
                ? "degraded: " + node.problem() + "; serves when no healthy replica is eligible"
                : "eligible: it was the turn of another";
    }

    private static boolean isOnlyThatIn(String region, NodeState chosen, NodeState node) {
        NodeCondition inRegion = NodeCondition.in(region);
        return inRegion.objection(chosen) == null && inRegion.objection(node) != null;
    }
}
