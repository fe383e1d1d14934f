package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** No operator has excluded the node. */
record NotExcluded(Map<NodeId, String> excluded) implements NodeCondition {

    NotExcluded {
        excluded = Map.copyOf(excluded);
    }

    @Override
    public @Nullable Objection objection(Topology topology, NodeState node) {
        String why = excluded.get(node.id());
        return why == null ? null : Objection.of("excluded", why);
    }

    @Override
    public String toString() {
        Map<String, String> sorted = new TreeMap<>();
        excluded.forEach((node, why) -> sorted.put(node.name(), why));
        return "not excluded " + sorted;
    }
}
