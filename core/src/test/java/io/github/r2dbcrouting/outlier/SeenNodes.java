package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/** Snapshots of nodes that their probes find well, unless said otherwise. */
final class SeenNodes {

    private SeenNodes() {}

    static NodeId id(String name) {
        return new NodeId(name);
    }

    static NodeState node(String name, NodeRole role, NodeHealth health, long generation) {
        return new NodeState(
                new NodeSettings(id(name), name + ".test", 5432),
                role,
                health,
                0,
                generation,
                null,
                null,
                health == NodeHealth.HEALTHY ? null : NodeProblem.unanswered("says nothing"));
    }

    static NodeState replica(String name) {
        return node(name, NodeRole.REPLICA, NodeHealth.HEALTHY, 1);
    }

    /** Returns a primary p and so many replicas r1, r2, … */
    static Topology cluster(int replicas) {
        List<NodeState> nodes = new ArrayList<>();
        nodes.add(node("p", NodeRole.PRIMARY, NodeHealth.HEALTHY, 1));
        for (int i = 1; i <= replicas; i++) {
            nodes.add(replica("r" + i));
        }
        return new Topology(1, nodes, nodes.get(0), null);
    }

    static Topology withoutPrimary(Topology topology) {
        return new Topology(
                topology.epoch(), topology.nodes().subList(1, topology.nodes().size()), null, null);
    }
}
