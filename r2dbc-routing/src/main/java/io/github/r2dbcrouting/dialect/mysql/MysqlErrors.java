package io.github.r2dbcrouting.dialect.mysql;

import io.github.r2dbcrouting.dialect.ErrorKind;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;

/**
 * What the errors of io.asyncer:r2dbc-mysql say. By code, since it leaves the SQLSTATE empty for many; a refused or
 * timed-out connection attempt is a raw netty exception.
 */
public final class MysqlErrors {

    private MysqlErrors() {}

    /** Returns what an error says. */
    public static ErrorKind classify(Throwable error) {
        if (error instanceof R2dbcException r2dbc) {
            return switch (r2dbc.getErrorCode()) {
                // --read-only or --super-read-only; a read-only transaction
                case 1290, 1792, 1836 -> ErrorKind.READ_ONLY_REFUSAL;
                // too many connections, of all users or of this one
                case 1040, 1203 -> ErrorKind.SATURATION;
                // shutting down; killed
                case 1053, 1927 -> ErrorKind.NODE_FAULT;
                // The driver gives its own "connection closed" code 0, and no SQLSTATE.
                case 0 -> r2dbc.getSqlState() == null ? ErrorKind.NODE_FAULT : ErrorKind.USER;
                default -> ErrorKind.USER;
            };
        }
        return error instanceof IOException ? ErrorKind.NODE_FAULT : ErrorKind.USER;
    }
}
