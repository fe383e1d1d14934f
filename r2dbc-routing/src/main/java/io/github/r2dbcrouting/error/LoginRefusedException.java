package io.github.r2dbcrouting.error;

import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import java.io.Serial;
import java.util.List;

/**
 * A server did not let the user of the statements in, or not into the database: the password, the name of the user or that of
 * the database is wrong, or a right is missing. Nothing was sent, and every node would most likely say the same.
 */
public final class LoginRefusedException extends R2dbcPermissionDeniedException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Problem problem;

    /**
     * Creates the error with the SQLSTATE and the code of the server's own.
     *
     * @param login who wanted to get in where: {@code "user 'app', database 'shop'"}
     * @param reason what the server said, in its own words
     * @param refusal what the driver made of it
     */
    public LoginRefusedException(NodeId node, String login, String reason, R2dbcException refusal) {
        this(
                new Problem(
                        "node " + node,
                        "lets " + login + " not in: " + reason,
                        "credentials and a database that it knows",
                        "check the user, its password and its rights, and the name of the database"),
                refusal);
    }

    private LoginRefusedException(Problem problem, R2dbcException refusal) {
        super(problem.toString(), refusal.getSqlState(), refusal.getErrorCode(), refusal);
        this.problem = problem;
    }

    @Override
    public List<Problem> problems() {
        return List.of(problem);
    }
}
