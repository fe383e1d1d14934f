package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcBadGrammarException;
import java.io.Serial;
import java.util.List;

/**
 * A routing hint cannot be obeyed at any moment: it cannot be read, names what does not exist, or contradicts another. The
 * statement was not sent.
 */
public final class InvalidHintException extends R2dbcBadGrammarException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Problem problem;

    /** Creates the error with SQLSTATE 42601, syntax error. */
    public InvalidHintException(Problem problem) {
        super(problem.toString(), "42601");
        this.problem = problem;
    }

    @Override
    public List<Problem> problems() {
        return List.of(problem);
    }
}
