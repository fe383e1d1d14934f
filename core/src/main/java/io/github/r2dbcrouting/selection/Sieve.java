package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.selector.NodeCondition;
import io.github.r2dbcrouting.selector.NodeSelector;
import io.github.r2dbcrouting.selector.Objection;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Nodes of a snapshot, after rules were asked one by one: who remains, and what spoke against each of the others. */
final class Sieve {

    private final Topology topology;
    private final Map<NodeId, Objection> objections = new LinkedHashMap<>();
    private List<NodeState> remaining;

    private Sieve(Topology topology, List<NodeState> nodes) {
        this.topology = topology;
        this.remaining = nodes;
    }

    static Sieve of(Topology topology, List<NodeState> nodes, List<NodeSelector> selectors) {
        Sieve sieve = new Sieve(topology, nodes);
        selectors.forEach(sieve::apply);
        return sieve;
    }

    private void apply(NodeSelector selector) {
        List<NodeState> selected = selector.select(topology, remaining);
        for (NodeState node : remaining) {
            if (!selected.contains(node)) {
                objections.put(node.id(), objection(selector, node));
            }
        }
        remaining = selected;
    }

    private Objection objection(NodeSelector selector, NodeState node) {
        Objection objection = selector instanceof NodeCondition condition ? condition.objection(topology, node) : null;
        return objection != null ? objection : Objection.of("left out", "by the rule " + selector);
    }

    /** Returns the nodes that all rules let pass, in the topology's order. */
    List<NodeState> remaining() {
        return remaining;
    }

    /** Returns what spoke against a node, or {@code null} if nothing did. */
    @Nullable
    Objection objection(NodeState node) {
        return objections.get(node.id());
    }
}
