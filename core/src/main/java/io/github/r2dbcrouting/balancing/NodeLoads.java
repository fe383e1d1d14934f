package io.github.r2dbcrouting.balancing;

import io.github.r2dbcrouting.topology.NodeId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The live numbers of all nodes of a factory, each made when it is first asked for. */
public final class NodeLoads {

    private final Map<NodeId, NodeLoad> loads = new ConcurrentHashMap<>();

    /** Returns the numbers of a node; always the same object until the node is {@linkplain #forget forgotten}. */
    public NodeLoad of(NodeId node) {
        NodeLoad known = loads.get(node);
        return known != null ? known : loads.computeIfAbsent(node, id -> new NodeLoad());
    }

    /** Drops the numbers of a node that is no longer part of the factory. */
    public void forget(NodeId node) {
        loads.remove(node);
    }
}
