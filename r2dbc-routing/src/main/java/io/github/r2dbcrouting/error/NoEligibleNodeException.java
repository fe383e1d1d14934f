package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** No node may run the statement at this moment. Nothing was sent, so the statement can be tried again. */
public final class NoEligibleNodeException extends R2dbcTransientResourceException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates the error with SQLSTATE 08001, unable to establish the connection.
     *
     * @param message what was asked for, and for each node why it does not do
     * @param cause the error of the last node that was tried, or {@code null} if none was
     */
    public NoEligibleNodeException(String message, @Nullable Throwable cause) {
        super(message, "08001", cause);
    }
}
