package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Nodes of a lower number before those of a higher one. */
record PriorityRanking() implements NodeRanking {

    @Override
    public List<Group> rank(Topology topology, List<NodeState> candidates) {
        Map<Integer, List<NodeState>> priorities = candidates.stream()
                .collect(Collectors.groupingBy(
                        node -> node.settings().share().priority(), TreeMap::new, Collectors.toList()));
        return priorities.entrySet().stream()
                .map(entry -> new Group(entry.getKey() == 0 ? "" : ", priority " + entry.getKey(), entry.getValue()))
                .toList();
    }

    @Override
    public String toString() {
        return "by priority";
    }
}
