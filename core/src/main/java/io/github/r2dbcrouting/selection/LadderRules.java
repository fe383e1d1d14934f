package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.selector.NodeCondition;
import io.github.r2dbcrouting.selector.NodeRanking;
import io.github.r2dbcrouting.selector.NodeSelector;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rules by which ladders are made, in their order; the same for all snapshots until an operator switches something.
 *
 * @param settings the factory's
 * @param overrides what operators have switched
 * @param loads the live numbers of the nodes
 * @param history relates positions
 */
record LadderRules(SelectionSettings settings, Overrides overrides, NodeLoads loads, BranchHistory history) {

    /** Returns what a node must be like to serve, so far as the lag does not matter. */
    List<NodeSelector> anyLag(Limits limits) {
        return with(List.of(), limits);
    }

    /** Returns the same for nodes of which it is known how far they are behind. */
    List<NodeSelector> knownLag(Limits limits) {
        return with(List.of(NodeCondition.lagKnown(history)), limits);
    }

    /** Returns the same for nodes that are not too far behind. */
    List<NodeSelector> eligible(Limits limits, Topology topology) {
        List<NodeCondition> conditions = new ArrayList<>();
        if (canPrimaryStepIn(topology)) {
            conditions.add(NodeCondition.notFailing());
        }
        conditions.add(NodeCondition.lagKnown(history));
        if (overrides.lagChecks()) {
            conditions.add(lagWithin(limits, topology));
        }
        return with(conditions, limits);
    }

    private boolean canPrimaryStepIn(Topology topology) {
        NodeState primary = topology.primary();
        return primary != null
                && primary.isUsable()
                && settings.readPreference().allowsFallback();
    }

    /** What a read asks for comes first, then what operators say, of a node before all, then the same of the settings. */
    private NodeCondition lagWithin(Limits limits, Topology topology) {
        Duration asked = limits.maxLag();
        if (asked != null) {
            return NodeCondition.lagWithin(asked);
        }
        Duration switched = overrides.maxLag();
        Map<NodeId, Duration> others = new HashMap<>();
        for (NodeState node : topology.nodes()) {
            Duration own = node.settings().maxLag();
            if (switched == null && own != null) {
                others.put(node.id(), own);
            }
        }
        others.putAll(overrides.maxLags());
        return NodeCondition.lagWithin(switched != null ? switched : settings.maxLag(), others);
    }

    private List<NodeSelector> with(List<NodeCondition> conditions, Limits limits) {
        List<NodeSelector> selectors = new ArrayList<>();
        selectors.add(NodeCondition.usable());
        selectors.add(limits.primaryToo() ? NodeCondition.member() : NodeCondition.replica());
        selectors.add(notExcluded());
        selectors.addAll(conditions);
        selectors.addAll(settings.selectors());
        return selectors;
    }

    /** Returns the condition that operators have not excluded a node. */
    NodeCondition notExcluded() {
        return NodeCondition.notExcluded(overrides.explainedExclusions());
    }

    /** Returns which of the nodes that may serve come first; what is decided last comes last. */
    List<NodeRanking> rankings(Limits limits) {
        List<NodeRanking> rankings = new ArrayList<>();
        rankings.add(NodeRanking.byHealth());
        rankings.add(NodeRanking.byPriority());
        rankings.add(NodeRanking.byPlace(limits.places()));
        if (settings.latencyWindow() != null) {
            rankings.add(NodeRanking.byLatency(settings.latencyWindow()));
        } else if (limits.primaryToo()) {
            rankings.add(NodeRanking.byLatency(SelectionSettings.NEAREST_WINDOW));
        }
        return rankings;
    }
}
