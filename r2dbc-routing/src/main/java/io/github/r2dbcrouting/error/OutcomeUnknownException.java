package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A write or a commit was sent and its answer was lost: it may have taken effect or not. Only a write that is marked by {@code
 * Routing.idempotent()} is sent again by the library, and fails so when that did not help; whoever sends another one again must
 * know how to tell.
 */
public final class OutcomeUnknownException extends R2dbcNonTransientResourceException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates the error with SQLSTATE 08007, transaction resolution unknown. */
    public OutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, "08007", cause);
    }
}
