package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcRollbackException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * An optimistic transaction could not move from its replica to the primary: its reads, repeated there, did not give what they
 * had given, or that could not be shown. It is rolled back; run it again from its start.
 */
public final class ReplayConflictException extends R2dbcRollbackException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates the error with SQLSTATE 40001, serialization failure. */
    public ReplayConflictException(String message, @Nullable Throwable cause) {
        super(message, "40001", cause);
    }
}
