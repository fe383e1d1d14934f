package io.github.r2dbcrouting.error;

import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.sql.RoutingComment.Defect;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.R2dbcException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The errors of statements that no node is chosen for. */
public final class Refusals {

    private Refusals() {}

    /**
     * Returns the error for a refused request.
     *
     * @param lastError why the node did not do that was chosen before, or {@code null}
     */
    public static R2dbcException of(RouteDecision decision, @Nullable Throwable lastError) {
        Refusal refusal = Objects.requireNonNull(decision.refusal());
        return switch (refusal) {
            case NO_NODE -> noNode(decision, lastError);
            case WRITE_ON_REPLICA -> new WriteOnReplicaException("is " + decision.reason() + "; it was not sent", null);
            case UNKNOWN_NAME ->
                new InvalidHintException(new Problem(
                        "routing hints",
                        decision.reason(),
                        "",
                        "correct the name in the comment, the context or the" + " definition"));
            case CONTRADICTION ->
                new InvalidHintException(
                        new Problem("routing hints", decision.reason(), "", "take out one of the two"));
        };
    }

    /** Returns the error for a comment that cannot be read. */
    public static InvalidHintException of(Defect defect) {
        return new InvalidHintException(new Problem(
                "routing hint '" + defect.hint() + "' at " + defect.place(),
                defect.seen(),
                defect.needed(),
                "correct the comment, or take it out"));
    }

    private static NoEligibleNodeException noNode(RouteDecision decision, @Nullable Throwable lastError) {
        String alarm = decision.topology().alarm();
        List<Problem> problems = new ArrayList<>();
        decision.verdicts().forEach((id, verdict) -> problems.add(problem(id, verdict, decision)));
        return new NoEligibleNodeException(
                "no node for this statement: " + decision + (alarm == null ? "" : "; " + alarm), problems, lastError);
    }

    private static Problem problem(NodeId id, String verdict, RouteDecision decision) {
        NodeState node = Objects.requireNonNull(decision.topology().node(id));
        return node.problem() != null ? Problem.of(node) : new Problem("node " + id, verdict, decision.reason(), "");
    }
}
