package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A read that a replica might have served, and that goes to the primary because operators want it so. That is no fallback: nothing is
 * amiss, and as many may go there as like to.
 *
 * @param question what was to be decided
 * @param why which switch it is
 * @param shadowed the decision that is only recorded, or {@code null}
 */
record Diversion(Question question, String why, @Nullable RouteDecision shadowed) implements RouteDecision.Verdicts {

    /** Decides on the primary, whatever the replicas are like. */
    static RouteDecision of(Question question, String why) {
        return new Diversion(question, why, null).decide();
    }

    /** Decides on the primary, and tells what would have been decided. */
    static RouteDecision shadowing(Question question, String mode, RouteDecision shadowed) {
        NodeState node = shadowed.node();
        String would = node == null ? "would have been refused" : "would have gone to " + node.id();
        return new Diversion(question, mode + ": " + would + ": " + shadowed.reason(), shadowed).decide();
    }

    private RouteDecision decide() {
        NodeState primary = question.ladder().primary();
        if (primary == null) {
            return decided(null, "no primary: " + why);
        }
        return question.isExcluded(primary)
                ? decided(null, why + ", and the primary has just failed to serve this statement")
                : decided(primary, why);
    }

    private RouteDecision decided(@Nullable NodeState node, String reason) {
        return new RouteDecision(
                question.request(),
                question.topology(),
                node,
                reason,
                node == null ? Refusal.NO_NODE : null,
                question.hints().bound(),
                this,
                shadowed);
    }

    @Override
    public Map<NodeId, String> explain(RouteDecision decision) {
        Map<NodeId, String> would = shadowed == null ? Map.of() : shadowed.verdicts();
        Map<NodeId, String> verdicts = new LinkedHashMap<>();
        for (NodeState node : question.topology().nodes()) {
            NodeState chosen = decision.node();
            boolean here = chosen != null && chosen.id().equals(node.id());
            verdicts.put(
                    node.id(),
                    here
                            ? "chosen: " + decision.reason()
                            : shadowed == null
                                    ? "not asked: " + why
                                    : "in shadow mode " + Objects.requireNonNull(would.get(node.id())));
        }
        return Collections.unmodifiableMap(verdicts);
    }
}
