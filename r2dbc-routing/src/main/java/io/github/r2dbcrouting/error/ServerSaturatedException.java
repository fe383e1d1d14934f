package io.github.r2dbcrouting.error;

import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;
import java.util.List;

/**
 * A server that has all the connections it may have refused another one. Nothing was sent. It says nothing against the node,
 * which is alive and busy.
 */
public final class ServerSaturatedException extends R2dbcTransientResourceException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Each factory watches each node over one connection of its own. */
    private static final int PROBES = 1;

    private final Problem problem;
    private final PoolNumbers pool;
    private final int serverLimit;

    /**
     * Creates the error with the SQLSTATE and the code of the server's own.
     *
     * @param pool the numbers of the node's pool
     * @param serverLimit the most connections that the server lets in, {@code max_connections}, or 0 where unknown
     * @param refusal what the server said
     */
    public ServerSaturatedException(NodeId node, PoolNumbers pool, int serverLimit, R2dbcException refusal) {
        this(problem(node, pool, serverLimit, refusal), pool, serverLimit, refusal);
    }

    private ServerSaturatedException(Problem problem, PoolNumbers pool, int serverLimit, R2dbcException refusal) {
        super(problem.toString(), refusal.getSqlState(), refusal.getErrorCode(), refusal);
        this.problem = problem;
        this.pool = pool;
        this.serverLimit = serverLimit;
    }

    private static Problem problem(NodeId node, PoolNumbers pool, int serverLimit, R2dbcException refusal) {
        int each = pool.limit() + PROBES;
        String limit = serverLimit > 0 ? "max_connections = " + serverLimit : "max_connections, here unknown";
        String room = serverLimit > 0 ? ", so for at most " + serverLimit / each + " instances" : "";
        return new Problem(
                "node " + node,
                "the server lets no more connections in (" + innermost(refusal) + "), and this instance's pool has "
                        + pool,
                "instances x (maxSize " + pool.limit() + " + " + PROBES + " for the monitor) = instances x " + each
                        + " within the server's " + limit + room
                        + ", less what it reserves and what others use",
                "lower maxSize, run fewer instances, raise max_connections, or close what holds connections idle");
    }

    /** Drivers put their own words around what the server said. */
    private static String innermost(Throwable refusal) {
        Throwable innermost = refusal;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return String.valueOf(innermost.getMessage());
    }

    /** Returns the numbers of the node's pool. */
    public PoolNumbers pool() {
        return pool;
    }

    /** Returns the most connections that the server lets in, or 0 where unknown. */
    public int serverLimit() {
        return serverLimit;
    }

    @Override
    public List<Problem> problems() {
        return List.of(problem);
    }
}
