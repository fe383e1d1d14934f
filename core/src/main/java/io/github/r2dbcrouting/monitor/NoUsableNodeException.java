package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeState;
import java.io.Serial;
import java.util.List;

/** No node can be given work. The message names each node and what is wrong with it. */
public final class NoUsableNodeException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient List<NodeState> nodes;

    NoUsableNodeException(String message, List<NodeState> nodes) {
        super(message);
        this.nodes = nodes;
    }

    /** Returns what was known of each node when nobody waited any longer; none if the monitor has ended. */
    public List<NodeState> nodes() {
        return nodes;
    }
}
