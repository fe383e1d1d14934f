package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.ServerIdentity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells which nodes belong to the cluster. Once there was a primary, its cluster is the one for good; before, it is the one
 * to which most of the nodes seen so far belong, in doubt that of a writable node, then that of the node configured first.
 *
 * @param clusterId the cluster to which all nodes must belong; {@code null} while no node has named one
 */
record ClusterMembership(@Nullable String clusterId) {

    private static final int WRITABLE = 1;
    private static final int SEEN = 1 << 16;

    static ClusterMembership of(@Nullable String established, List<NodeObservation> observations) {
        return new ClusterMembership(established != null ? established : prevailing(observations));
    }

    private static @Nullable String prevailing(List<NodeObservation> observations) {
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (NodeObservation node : observations) {
            String id = clusterId(node);
            if (id != null) {
                boolean writable = node.isUsable() && node.is(NodeRole.PRIMARY);
                weights.merge(id, writable ? SEEN + WRITABLE : SEEN, Integer::sum);
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

    boolean isForeign(NodeObservation node) {
        String id = clusterId(node);
        return id != null && clusterId != null && !id.equals(clusterId);
    }

    /** Returns the node as it is, or as unhealthy if it belongs to another cluster. */
    NodeObservation judge(NodeObservation node) {
        return isForeign(node)
                ? node.foreign("belongs to another cluster: system identifier " + clusterId(node) + ", expected "
                        + clusterId + "; remove it from the nodes")
                : node;
    }

    private static @Nullable String clusterId(NodeObservation node) {
        ServerIdentity server = node.state().server();
        return server == null ? null : server.clusterId();
    }
}
