package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcTimeoutException;
import java.io.Serial;

/** An exchange of the library's own (connect, set-up, begin, rollback, reset) got no answer in time. */
public final class ExchangeTimeoutException extends R2dbcTimeoutException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates the error with SQLSTATE 08006, connection failure. */
    public ExchangeTimeoutException(String message) {
        super(message, "08006");
    }
}
