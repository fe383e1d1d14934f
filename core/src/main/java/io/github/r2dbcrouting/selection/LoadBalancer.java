package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.NodeState;
import java.util.List;

/** Picks one of several nodes that would all do. Called concurrently, on the path of every read: it must not block. */
@FunctionalInterface
public interface LoadBalancer {

    /**
     * Picks a node.
     *
     * @param candidates the eligible nodes, at least one, in the topology's order
     * @return one of {@code candidates}
     */
    NodeState choose(List<NodeState> candidates);
}
