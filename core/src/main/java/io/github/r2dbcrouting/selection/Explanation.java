package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.selector.NodeCondition;
import io.github.r2dbcrouting.selector.Objection;
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
        return switch (question.target()) {
            case NAMED -> node.id().equals(question.hints().node()) ? decision.reason() : "another node is named";
            case PRIMARY -> againstPrimary(node);
            case REPLICA, NEAREST -> againstReader(node, decision);
            case WRITE_ON_REPLICA, CONTRADICTION -> "not asked: " + decision.reason();
        };
    }

    private String againstPrimary(NodeState node) {
        Objection unusable = NodeCondition.usable().objection(question.topology(), node);
        if (unusable != null) {
            return unusable.text();
        }
        if (ladder.isPrimary(node)) {
            return "primary, but it has just failed to serve this statement";
        }
        Objection notReplica = NodeCondition.replica().objection(question.topology(), node);
        if (notReplica != null) {
            return notReplica.text();
        }
        return question.request().access() == Access.WRITE
                ? "replica: writes go to the primary"
                : "replica: asked for the primary";
    }

    private String againstReader(NodeState node, RouteDecision decision) {
        if (question.isExcluded(node)) {
            return "excluded: has just failed to serve this statement";
        }
        if (question.target() == Target.REPLICA && ladder.isPrimary(node)) {
            return decision.node() != null ? "primary: reads prefer replicas" : "primary: the fallback to it is off";
        }
        Objection objection = ladder.objection(node);
        if (objection != null) {
            return objection.text();
        }
        Objection momentary = question.momentary(node);
        return momentary != null ? momentary.text() : eligible(node, decision);
    }

    /** The node would do as well: another came first, or it was the turn of another. */
    private String eligible(NodeState node, RouteDecision decision) {
        NodeState chosen = decision.node();
        if (chosen == null) {
            return "eligible: it was the turn of another";
        }
        if (node.health() == NodeHealth.DEGRADED && chosen.health() == NodeHealth.HEALTHY) {
            return "degraded: " + node.problem() + "; serves when no healthy replica is eligible";
        }
        Rung own = ladder.rungOf(node);
        return own == null || own == ladder.rungOf(chosen)
                ? "eligible: it was the turn of another"
                : "eligible, but others come first: " + own.reason();
    }
}
