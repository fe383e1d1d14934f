package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.List;

/** A selector that explanations call by a name. */
record NamedSelector(String name, NodeSelector selector) implements NodeSelector {

    NamedSelector {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a selector's name must not be blank");
        }
    }

    @Override
    public List<NodeState> select(Topology topology, List<NodeState> candidates) {
        return selector.select(topology, candidates);
    }

    @Override
    public String toString() {
        return name;
    }
}
