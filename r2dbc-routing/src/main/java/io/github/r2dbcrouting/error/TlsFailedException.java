package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.io.Serial;
import java.util.List;

/** No connection could be opened, since the node and this side did not agree on TLS. Nothing was sent. */
public final class TlsFailedException extends R2dbcNonTransientResourceException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Problem problem;

    /** Creates the error with SQLSTATE 08001, unable to establish the connection. */
    public TlsFailedException(Problem problem, Throwable cause) {
        super(problem.toString(), "08001", cause);
        this.problem = problem;
    }

    @Override
    public List<Problem> problems() {
        return List.of(problem);
    }
}
