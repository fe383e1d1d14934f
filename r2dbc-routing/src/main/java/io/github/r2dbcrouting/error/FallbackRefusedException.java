package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;
import java.time.Duration;
import java.util.List;

/**
 * No replica can serve a read, and as many reads as are allowed run on the primary for that reason. Nothing was sent. It says
 * nothing against the primary, whose other connections are kept for writes.
 */
public final class FallbackRefusedException extends R2dbcTransientResourceException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Problem problem;

    /**
     * Creates the error with SQLSTATE 08001, unable to establish the connection.
     *
     * @param running how many such reads have a connection to the primary
     * @param limit how many may have one, {@code maxFallbackReads}
     * @param waiting how many wait for one
     * @param queue how many may wait, {@code fallbackQueue}
     * @param waited how long this one has waited; zero if the queue was full
     */
    public FallbackRefusedException(int running, int limit, int waiting, int queue, Duration waited) {
        this(problem(running, limit, waiting, queue, waited));
    }

    private FallbackRefusedException(Problem problem) {
        super(problem.toString(), "08001");
        this.problem = problem;
    }

    private static Problem problem(int running, int limit, int waiting, int queue, Duration waited) {
        String numbers = running + " such reads run there, limit " + limit + "; " + waiting + " wait, limit " + queue;
        return new Problem(
                "reads that fall back to the primary",
                waited.isZero()
                        ? "no room for another one to wait: " + numbers
                        : "none ended within " + waited.toMillis() + " ms: " + numbers,
                "a replica that can serve them",
                "look at why none can (the decision of another read says so); raise maxFallbackReads if the primary has room,"
                        + " or fallbackTimeout");
    }

    @Override
    public List<Problem> problems() {
        return List.of(problem);
    }
}
