package io.github.r2dbcrouting.pool;

import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;

/** The pool was closed while a connection of it was awaited, because its node began another life. Route again. */
public final class PoolRetiredException extends R2dbcTransientResourceException {

    @Serial
    private static final long serialVersionUID = 1L;

    PoolRetiredException(Throwable cause) {
        super("the node began another life while a connection to it was awaited", "08001", cause);
    }
}
