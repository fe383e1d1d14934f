package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.topology.NodeId;
import java.util.Map;

/**
 * What is set for all nodes, and otherwise for some.
 *
 * @param common what holds for nodes that are not named
 * @param own what holds for those that are
 */
public record PerNode<T>(T common, Map<NodeId, T> own) {

    public PerNode {
        own = Map.copyOf(own);
    }

    /** Returns the same for all nodes. */
    public static <T> PerNode<T> all(T common) {
        return new PerNode<>(common, Map.of());
    }

    /** Returns what holds for a node, one that is not part of the factory yet included. */
    public T of(NodeId node) {
        return own.getOrDefault(node, common);
    }
}
