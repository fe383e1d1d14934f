package io.github.r2dbcrouting.dialect;

import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.io.Serial;

/**
 * A pooled connection was found closed, or was marked to be discarded, when it was about to be lent or taken back. It
 * says nothing of the node: the pool throws the connection away and the next one may be fine.
 */
public final class StaleConnectionException extends R2dbcNonTransientResourceException {

    @Serial
    private static final long serialVersionUID = 1L;

    StaleConnectionException() {
        super("a pooled connection is closed or to be discarded", "08003");
    }

    /** It is an answer rather than a failure, and made on the path of a statement: its stack would tell nothing. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
