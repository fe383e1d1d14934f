package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The supplier of a password or of TLS material gave none, so that no connection could be opened. It says nothing of a node. */
public final class SecretUnavailableException extends R2dbcNonTransientResourceException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates the error with SQLSTATE 28000, invalid authorization. */
    public SecretUnavailableException(String message, @Nullable Throwable cause) {
        super(message, "28000", cause);
    }
}
