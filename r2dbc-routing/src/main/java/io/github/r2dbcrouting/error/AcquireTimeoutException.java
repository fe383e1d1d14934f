package io.github.r2dbcrouting.error;

import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.R2dbcTimeoutException;
import java.io.Serial;
import java.time.Duration;
import java.util.List;

/**
 * No connection of a node's pool could be had in time: all were in use, or the server was slow to let another one in. Nothing
 * was sent. It says nothing against the node.
 */
public final class AcquireTimeoutException extends R2dbcTimeoutException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Problem problem;
    private final PoolNumbers pool;

    /**
     * Creates the error with SQLSTATE 08001, unable to establish the connection.
     *
     * @param waited how long a connection was waited for, {@code acquireTimeout}
     * @param pool the numbers of the node's pool when nobody waited any longer
     */
    public AcquireTimeoutException(NodeId node, Duration waited, PoolNumbers pool) {
        this(problem(node, waited, pool), pool);
    }

    private AcquireTimeoutException(Problem problem, PoolNumbers pool) {
        super(problem.toString(), "08001");
        this.problem = problem;
        this.pool = pool;
    }

    private static Problem problem(NodeId node, Duration waited, PoolNumbers pool) {
        String subject = "node " + node;
        return pool.inUse() >= pool.limit()
                ? new Problem(
                        subject,
                        "no connection became free within " + waited.toMillis() + " ms: " + pool,
                        "fewer statements at a time or a larger pool",
                        "raise maxSize or acquireTimeout, or look for results that are never consumed and"
                                + " connections that are never closed")
                : new Problem(
                        subject,
                        "no connection could be opened within " + waited.toMillis() + " ms: " + pool,
                        "a server that lets connections in sooner",
                        "look at the server's load and at the way to it, raise acquireTimeout, or set initialSize and"
                                + " longer maxIdleTime and maxLifeTime so that fewer have to be opened");
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
