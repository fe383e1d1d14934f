package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a node must be like. The choice and its explanation ask the same conditions, so that they cannot drift
 * apart.
 */
public interface NodeCondition extends NodeSelector {

    /** Returns what speaks against a node of the snapshot, or {@code null} if nothing does. */
    @Nullable
    Objection objection(Topology topology, NodeState node);

    @Override
    default List<NodeState> select(Topology topology, List<NodeState> candidates) {
        return candidates.stream()
                .filter(node -> objection(topology, node) == null)
                .toList();
    }

    /** Returns the condition that a node answers, and that its role is known. */
    static NodeCondition usable() {
        return new UsableNode();
    }

    /** Returns the condition that a node replays another node's changes. */
    static NodeCondition replica() {
        return new Replica();
    }

    /** Returns the condition that a node is a replica or the primary of its snapshot. */
    static NodeCondition member() {
        return new Member();
    }

    /**
     * Returns the condition that an operator has not excluded a node.
     *
     * @param excluded the nodes, each with the words that explain it
     */
    static NodeCondition notExcluded(Map<NodeId, String> excluded) {
        return new NotExcluded(excluded);
    }

    /** Returns the condition that a node does not fail statement after statement, whatever its probes say. */
    static NodeCondition notFailing() {
        return new NotFailing();
    }

    /**
     * Returns the condition that it is known how far a node is behind.
     *
     * @param history tells of which nodes that cannot be known
     */
    static NodeCondition lagKnown(BranchHistory history) {
        return new LagKnown(history);
    }

    /** Returns the condition that a node is at most so far behind; a lag that is not known does not object here. */
    static NodeCondition lagWithin(Duration maxLag) {
        return new LagWithin(maxLag, Map.of());
    }

    /**
     * Returns the same condition with other limits for some nodes.
     *
     * @param others theirs
     */
    static NodeCondition lagWithin(Duration maxLag, Map<NodeId, Duration> others) {
        return new LagWithin(maxLag, others);
    }

    /**
     * Returns the condition that it can be shown that what is read on a node is at most so old. The time since the sample counts,
     * since the node may have stopped right after. The primary is never too old.
     *
     * @param now on the clock of the samples
     */
    static NodeCondition staleAtMost(Duration bound, long now) {
        return new StaleAtMost(bound, now);
    }

    /** Returns the condition that a node is known to have covered a position. The primary has, whatever its last sample was. */
    static NodeCondition covering(PositionBound required, BranchHistory history) {
        return new Covering(required, history);
    }
}
