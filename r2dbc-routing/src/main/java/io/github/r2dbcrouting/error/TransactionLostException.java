package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A transaction was lost with its connection before its commit was sent: nothing of it took effect, and it goes on nowhere
 * else. Everything that still belongs to it fails with this error, until it is rolled back or its connection is closed. It is
 * safe to run it again from its start, on the same connection once it was rolled back or on another.
 */
public final class TransactionLostException extends R2dbcTransientResourceException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates the error with SQLSTATE 40001: whoever runs a transaction again for that may do so here. */
    public TransactionLostException(String message, @Nullable Throwable cause) {
        super(message, "40001", cause);
    }
}
