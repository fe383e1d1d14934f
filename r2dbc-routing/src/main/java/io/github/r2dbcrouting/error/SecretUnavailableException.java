package io.github.r2dbcrouting.error;

import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.io.Serial;
import java.time.Duration;
import java.util.List;

/** The supplier of a password or of TLS material gave none, so that no connection could be opened. It says nothing of a node. */
public final class SecretUnavailableException extends R2dbcNonTransientResourceException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Problem problem;

    /**
     * Creates the error with SQLSTATE 28000, invalid authorization.
     *
     * @param node the node to which a connection was to be opened
     * @param patience how long the supplier was waited for
     * @param cause what the supplier said
     */
    public SecretUnavailableException(NodeId node, Duration patience, Throwable cause) {
        this(
                new Problem(
                        "node " + node,
                        "was not connected to, for want of a password or TLS material",
                        "one from its supplier within " + patience.toMillis() + " ms",
                        "look at the supplier, whose error is the cause"),
                cause);
    }

    private SecretUnavailableException(Problem problem, Throwable cause) {
        super(problem.toString(), "28000", cause);
        this.problem = problem;
    }

    @Override
    public List<Problem> problems() {
        return List.of(problem);
    }
}
