package io.github.r2dbcrouting.dialect.mariadb;

import io.github.r2dbcrouting.dialect.ErrorKind;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What the errors of org.mariadb:r2dbc-mariadb say. Every failure to connect is H1000/9000, whatever the reason, so the
 * cause tells: a server that answered "too many connections" or "wrong password" is alive.
 */
final class MariadbErrors {

    private static final int FAILED_TO_CONNECT = 9000;

    private MariadbErrors() {}

    static ErrorKind classify(Throwable error) {
        if (!(error instanceof R2dbcException r2dbc)) {
            return error instanceof IOException ? ErrorKind.NODE_FAULT : ErrorKind.USER;
        }
        return switch (r2dbc.getErrorCode()) {
            // --read-only; a read-only transaction
            case 1290, 1792, 1836 -> ErrorKind.READ_ONLY_REFUSAL;
            // too many connections, of all users or of this one
            case 1040, 1203 -> ErrorKind.SATURATION;
            // shutting down; killed
            case 1053, 1927 -> ErrorKind.NODE_FAULT;
            case FAILED_TO_CONNECT -> classifyConnect(r2dbc.getCause());
            // The driver's own "connection closed": code 0 with no SQLSTATE, or of class 08.
            case 0 -> isConnectionState(r2dbc.getSqlState()) ? ErrorKind.NODE_FAULT : ErrorKind.USER;
            default -> ErrorKind.USER;
        };
    }

    private static ErrorKind classifyConnect(@Nullable Throwable cause) {
        return cause instanceof R2dbcException answered ? classify(answered) : ErrorKind.NODE_FAULT;
    }

    private static boolean isConnectionState(@Nullable String state) {
        return state == null || state.startsWith("08");
    }
}
