package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.outlier.Standings;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything the monitor knows, immutable.
 *
 * @param observations what each node's own probes tell, in the configured order
 * @param clusterId the cluster of the first primary, to which all nodes must belong; {@code null} until there was one, or
 *     where the database has no such thing
 * @param lastPrimary the primary of the present epoch, whether or not it can still be reached
 * @param history where the primary of the present epoch stood, and when
 * @param lineage what is known of the branch of the present epoch
 * @param firstUsableAt when the first usable node was seen since watching began
 * @param settled whether every node was heard of since watching began, or was given its time: only then is a primary
 *     chosen, so that the first to answer does not win over the right one
 * @param standings which nodes are left out for what became of statements on them, or held back since they come and go
 * @param topology what follows from all this
 */
record MonitorState(
        List<NodeObservation> observations,
        @Nullable String clusterId,
        @Nullable NodeId lastPrimary,
        LagHistory history,
        Lineage lineage,
        @Nullable Long firstUsableAt,
        boolean settled,
        Standings standings,
        Topology topology) {

    MonitorState {
        observations = List.copyOf(observations);
    }

    static MonitorState unprobed(List<NodeSettings> nodes, Standings clean) {
        return new MonitorState(
                nodes.stream().map(NodeObservation::unprobed).toList(),
                null,
                null,
                LagHistory.EMPTY,
                Lineage.UNKNOWN,
                null,
                false,
                clean,
                Topology.unprobed(nodes));
    }

    boolean isReady() {
        return settled && topology.isUsable();
    }

    boolean awaitsGrace() {
        return !settled && firstUsableAt != null;
    }

    /**
     * Returns whether what was seen of the other nodes is the past, by what has changed since an earlier state: which nodes
     * take writes, or that there is no primary any more.
     */
    boolean isDoubtfulAfter(MonitorState earlier) {
        for (NodeState node : topology.nodes()) {
            NodeState before = earlier.topology.node(node.id());
            if (isWritable(node) != (before != null && isWritable(before))) {
                return true;
            }
        }
        return earlier.topology.primary() != null && topology.primary() == null;
    }

    private static boolean isWritable(NodeState node) {
        return node.role() == NodeRole.PRIMARY;
    }
}
