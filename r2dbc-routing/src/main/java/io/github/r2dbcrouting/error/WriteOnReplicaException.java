package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hints send a write to a replica. Without a cause it was not sent; with one, a replica has refused what the text did not show
 * to be a write. Nothing was changed.
 */
public final class WriteOnReplicaException extends R2dbcNonTransientResourceException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final String REMEDY = "take out the hint, or mark only what reads with it";

    private final Problem problem;

    /**
     * Creates the error with SQLSTATE 25006, read only SQL transaction.
     *
     * @param seen what shows that it is a write, and that hints send it to a replica, as a clause
     * @param refusal what the server said, or {@code null} if the statement was not sent
     */
    public WriteOnReplicaException(String seen, @Nullable Throwable refusal) {
        this(new Problem("statement", seen, "the primary for what writes", REMEDY), refusal);
    }

    private WriteOnReplicaException(Problem problem, @Nullable Throwable refusal) {
        super(problem.toString(), "25006", refusal);
        this.problem = problem;
    }

    @Override
    public List<Problem> problems() {
        return List.of(problem);
    }
}
