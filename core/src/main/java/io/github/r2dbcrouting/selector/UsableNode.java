package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;

/** The node answers, and its role is known. */
record UsableNode() implements NodeCondition {

    @Override
    public @Nullable Objection objection(Topology topology, NodeState node) {
        if (node.isUsable()) {
            return null;
        }
        String problem =
                node.problem() == null ? "no reason known" : node.problem().toString();
        return switch (node.health()) {
            case UNHEALTHY -> Objection.of("unhealthy", problem);
            case UNKNOWN -> Objection.of("health unknown", problem);
            case HEALTHY, DEGRADED -> Objection.of("role unknown", problem);
        };
    }

    @Override
    public String toString() {
        return "usable";
    }
}
