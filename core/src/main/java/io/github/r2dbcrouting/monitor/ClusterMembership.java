package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.ServerIdentity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells which nodes belong to the cluster. Once there was a primary, its cluster is the one for good; before, it is the one
 * to which most of the nodes seen so far belong, in doubt that of a writable node, then that of one that subscribes to
 * nothing, then that of the node configured first.
 *
 * @param clusterId the cluster to which all nodes must belong; {@code null} while no node has named one
 */
record ClusterMembership(@Nullable String clusterId) {

    private static final int INDEPENDENT = 1;
    private static final int WRITABLE = 1 << 8;
    private static final int SEEN = 1 << 16;

    static ClusterMembership of(@Nullable String established, List<NodeObservation> observations) {
        return new ClusterMembership(established != null ? established : prevailing(observations));
    }

    private static @Nullable String prevailing(List<NodeObservation> observations) {
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (NodeObservation node : observations) {
            String id = clusterId(node);
            if (id != null) {
                int weight = SEEN;
                if (node.isUsable() && node.is(NodeRole.PRIMARY)) {
                    weight += WRITABLE + (node.subscriptions().isEmpty() ? INDEPENDENT : 0);
                }
                weights.merge(id, weight, Integer::sum);
            }
        }
        String best = null;
        int bestWeight = 0;
        for (Map.Entry<String, Integer> candidate : weights.entrySet()) {
            if (candidate.getValue() > bestWeight) {
                best = candidate.getKey();
                bestWeight = candidate.getValue();
            }
        }
        return best;
    }

    /** Returns each node as it is, or as unfit if it belongs to another cluster or is a server that stands before it. */
    List<NodeObservation> judge(List<NodeObservation> observations) {
        Map<ServerIdentity, NodeObservation> servers = new HashMap<>();
        List<NodeObservation> judged = new ArrayList<>();
        for (NodeObservation node : observations) {
            NodeProblem problem = foreign(node);
            if (problem == null && node.isUsable()) {
                NodeObservation earlier =
                        servers.putIfAbsent(Objects.requireNonNull(node.state().server()), node);
                problem = earlier == null ? null : twin(earlier);
            }
            judged.add(problem == null ? node : node.unfit(problem));
        }
        return judged;
    }

    private @Nullable NodeProblem foreign(NodeObservation node) {
        String id = clusterId(node);
        if (id == null
                || clusterId == null
                || id.equals(clusterId)
                || node.state().isUnfit()) {
            return null;
        }
        String needed = "that of the others, " + clusterId;
        return node.subscriptions().isEmpty()
                ? NodeProblem.unfit(
                        "belongs to another cluster, system identifier " + id, needed, "remove it from the nodes")
                : NodeProblem.unfit(
                        "is a logical subscriber (" + String.join(", ", node.subscriptions())
                                + ") and so another cluster, system identifier " + id,
                        needed,
                        "remove it from the nodes: logical replication brings it some of the tables, and none of the"
                                + " positions by which a replica is known to have caught up");
    }

    private static NodeProblem twin(NodeObservation earlier) {
        return NodeProblem.unfit(
                "is the same server as node " + earlier.id() + ", under another address",
                "a server of its own",
                "name each server once");
    }

    private static @Nullable String clusterId(NodeObservation node) {
        ServerIdentity server = node.state().server();
        return server == null ? null : server.clusterId();
    }
}
