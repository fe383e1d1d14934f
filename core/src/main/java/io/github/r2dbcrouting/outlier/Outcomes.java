package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.Topology;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** What became of the statements of a factory, by node and life. Safe for concurrent use. */
public final class Outcomes {

    private final ConcurrentMap<NodeId, NodeOutcomes> latest = new ConcurrentHashMap<>();
    private final int consecutiveErrors;
    private volatile Runnable alarm = () -> {};

    public Outcomes(OutlierSettings settings) {
        this.consecutiveErrors = settings.consecutiveErrors();
    }

    /** Sets who is told as soon as a node has failed so many statements in a row; called by whoever saw the last one, so it must be quick. */
    public void whenFailing(Runnable listener) {
        alarm = listener;
    }

    /** Returns those of a life of a node: the latest, or for an earlier one some at which nobody looks. */
    public NodeOutcomes of(NodeId node, long generation) {
        NodeOutcomes known = latest.get(node);
        return known != null && known.generation() == generation ? known : begun(node, generation);
    }

    private NodeOutcomes begun(NodeId node, long generation) {
        NodeOutcomes fresh = new NodeOutcomes(generation, consecutiveErrors, () -> alarm.run());
        NodeOutcomes present =
                latest.merge(node, fresh, (old, young) -> old.generation() >= young.generation() ? old : young);
        return present.generation() == generation ? present : fresh;
    }

    @Nullable
    NodeOutcomes present(NodeId node, long generation) {
        NodeOutcomes known = latest.get(node);
        return known != null && known.generation() == generation ? known : null;
    }

    /** Drops what is known of nodes that have gone, for which somebody who had chosen them before may have asked since. */
    void follow(Topology topology) {
        latest.keySet().removeIf(node -> topology.node(node) == null);
    }

    /** Drops what is known of a node that is no longer part of the factory. */
    public void forget(NodeId node) {
        latest.remove(node);
    }
}
