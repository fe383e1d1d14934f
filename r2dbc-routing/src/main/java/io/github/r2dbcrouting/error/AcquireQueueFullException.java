package io.github.r2dbcrouting.error;

import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;
import java.util.List;

/**
 * All connections of a node's pool were in use, and as many statements as may wait for one waited already. Nothing was sent, and
 * nothing was waited for. It says nothing against the node.
 */
public final class AcquireQueueFullException extends R2dbcTransientResourceException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Problem problem;
    private final PoolNumbers pool;

    /**
     * Creates the error with SQLSTATE 08001, unable to establish the connection.
     *
     * @param queue how many may wait, {@code acquireQueue}
     * @param pool the numbers of the node's pool
     */
    public AcquireQueueFullException(NodeId node, int queue, PoolNumbers pool) {
        this(
                new Problem(
                        "node " + node,
                        "no connection is free, and " + queue + " statements may wait for one at a time: " + pool,
                        "fewer statements at a time or a larger pool",
                        "raise maxSize or acquireQueue, let fewer requests in, or look for results that are never"
                                + " consumed and connections that are never closed"),
                pool);
    }

    private AcquireQueueFullException(Problem problem, PoolNumbers pool) {
        super(problem.toString(), "08001");
        this.problem = problem;
        this.pool = pool;
    }

    /** Returns the numbers of the node's pool. */
    public PoolNumbers pool() {
        return pool;
    }

    @Override
    public List<Problem> problems() {
        return List.of(problem);
    }
}
