package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A node could not be reached, or its connection broke, in a way for which the driver has no R2DBC exception. */
public final class NodeUnreachableException extends R2dbcNonTransientResourceException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates the error with SQLSTATE 08006, connection failure. */
    public NodeUnreachableException(String message, @Nullable Throwable cause) {
        super(message, "08006", cause);
    }
}
