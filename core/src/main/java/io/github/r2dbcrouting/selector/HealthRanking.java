package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.List;

/** Healthy nodes before those in trouble. */
record HealthRanking() implements NodeRanking {

    @Override
    public List<Group> rank(Topology topology, List<NodeState> candidates) {
        List<NodeState> healthy = candidates.stream()
                .filter(node -> node.health() == NodeHealth.HEALTHY)
                .toList();
        List<NodeState> others = candidates.stream()
                .filter(node -> node.health() != NodeHealth.HEALTHY)
                .toList();
        return List.of(new Group("", healthy), new Group(", degraded", others));
    }

    @Override
    public String toString() {
        return "by health";
    }
}
