package io.github.r2dbcrouting.pool;

import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The pool was closed while a connection of it was awaited: its node began another life, or does not answer. Route again. */
public final class PoolRetiredException extends R2dbcTransientResourceException {

    @Serial
    private static final long serialVersionUID = 1L;

    PoolRetiredException(@Nullable Throwable cause) {
        super(
                "the node began another life, or was not heard of any more, while a connection to it was awaited",
                "08001",
                cause);
    }
}
