package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.balancing.Candidate;
import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.selector.NodeCondition;
import io.github.r2dbcrouting.selector.Objection;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is to be decided, and by what; kept with the decision to explain it afterwards.
 *
 * @param topology the snapshot
 * @param ladder what the snapshot means for reads within the asked limits
 * @param request what was asked
 * @param hints the user's wishes, those of the factory's default among them
 * @param target which nodes it may go to
 * @param balancer what picks where several nodes would do
 * @param covering what a node must have covered, or {@code null} for nothing
 * @param fresh how stale a node may be at this moment, or {@code null} for what the ladder says
 */
record Question(
        Topology topology,
        ReadLadder ladder,
        RouteRequest request,
        RoutingHints hints,
        Target target,
        LoadBalancer balancer,
        @Nullable NodeCondition covering,
        @Nullable NodeCondition fresh)
        implements RouteDecision.Verdicts {

    /**
     * Returns a question.
     *
     * @param now on the clock of the samples; only where a bound of staleness is asked for
     */
    static Question of(
            Topology topology,
            ReadLadder ladder,
            RouteRequest request,
            RoutingHints hints,
            Target target,
            LoadBalancer balancer,
            long now) {
        PositionBound required = request.requiredPosition();
        Duration bound = hints.bound();
        return new Question(
                topology,
                ladder,
                request,
                hints,
                target,
                balancer,
                required == null
                        ? null
                        : NodeCondition.covering(required, ladder.rules().history()),
                bound == null ? null : NodeCondition.staleAtMost(bound, now));
    }

    RouteDecision chosen(NodeState node, String reason) {
        return new RouteDecision(request, topology, node, reason, null, hints.bound(), this);
    }

    RouteDecision refused(Refusal refusal, String reason) {
        return new RouteDecision(request, topology, null, reason, refusal, hints.bound(), this);
    }

    boolean isExcluded(NodeState node) {
        return request.excludedNodes().contains(node.id());
    }

    /** Returns one of several that would do. */
    Candidate pick(List<Candidate> candidates) {
        return candidates.size() == 1 ? candidates.get(0) : balancer.choose(candidates);
    }

    /** Returns whether a node that is eligible by the snapshot is so at this moment, for this statement. */
    boolean suits(NodeState node) {
        return !isExcluded(node) && momentary(node) == null;
    }

    /** Returns whether all candidates of a rung are seen at once to suit, as they do as a rule. */
    boolean suitAll(Rung rung) {
        PositionBound required = request.requiredPosition();
        return request.excludedNodes().isEmpty()
                && fresh == null
                && (required == null || ladder.haveAllCovered(rung, required));
    }

    /** Returns what speaks against a node at this moment that the ladder knows nothing of, or {@code null}. */
    @Nullable
    Objection momentary(NodeState node) {
        Objection uncovered = covering == null ? null : covering.objection(topology, node);
        return uncovered != null || fresh == null ? uncovered : fresh.objection(topology, node);
    }

    /** Returns what speaks against a replica that the user names, who may be content with any lag, or {@code null}. */
    @Nullable
    Objection againstNamed(NodeState node) {
        LadderRules rules = ladder.rules();
        if (rules.overrides().excluded().contains(node.id())) {
            return rules.notExcluded().objection(topology, node);
        }
        Objection momentary = momentary(node);
        Duration maxLag = hints.maxLag();
        return momentary != null || maxLag == null || !rules.overrides().lagChecks()
                ? momentary
                : NodeCondition.lagWithin(maxLag).objection(topology, node);
    }

    @Override
    public RouteDecision past(RouteDecision decision, NodeState node, Predicate<NodeState> crowded) {
        Rung rung = target == Target.REPLICA || target == Target.NEAREST ? ladder.rungOf(node) : null;
        if (rung == null) {
            return decision;
        }
        List<Candidate> others = rung.candidates().stream()
                .filter(other -> !other.id().equals(node.id()) && suits(other.state()) && !crowded.test(other.state()))
                .toList();
        if (others.isEmpty()) {
            return decision;
        }
        Candidate other = pick(others);
        return chosen(other.state(), rung.reason() + ", past " + node.id() + ", which has no room");
    }

    @Override
    public boolean wantReplica() {
        return target == Target.REPLICA;
    }

    @Override
    public Map<NodeId, String> explain(RouteDecision decision) {
        return new Explanation(this).of(decision);
    }
}
