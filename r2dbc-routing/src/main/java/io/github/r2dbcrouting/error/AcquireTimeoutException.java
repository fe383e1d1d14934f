package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcTimeoutException;
import java.io.Serial;

/** No connection of a node's pool became free in time. Nothing was sent. */
public final class AcquireTimeoutException extends R2dbcTimeoutException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates the error; the message carries the pool's numbers and its limit. */
    public AcquireTimeoutException(String message) {
        super(message, "08001");
    }
}
