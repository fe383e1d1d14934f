package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** No node became usable within the start-up timeout; the message carries each node's last error. */
public final class StartupException extends R2dbcTransientResourceException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates the error with SQLSTATE 08001, unable to establish the connection. */
    public StartupException(String message, @Nullable Throwable cause) {
        super(message, "08001", cause);
    }
}
