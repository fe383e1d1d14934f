package io.github.r2dbcrouting.dialect.postgresql;

import io.github.r2dbcrouting.dialect.ErrorKind;
import io.r2dbc.spi.R2dbcException;
import org.jspecify.annotations.Nullable;

/**
 * What the errors of r2dbc-postgresql say, by SQLSTATE; its vendor codes are always 0. See appendix A of the PostgreSQL
 * manual.
 */
final class PostgresqlErrors {

    private static final String REFUSED_TO_SEND = "Cannot exchange messages because the connection is closed";

    private PostgresqlErrors() {}

    static ErrorKind classify(R2dbcException error) {
        String state = error.getSqlState();
        if (isUnsent(error)) {
            return ErrorKind.UNSENT;
        }
        if (state == null) {
            return ErrorKind.USER;
        }
        return state.equals("08P01") && isAboutStartUp(error.getMessage()) ? ErrorKind.USER : classify(state);
    }

    /** A pooler that does not pass on what the session shall begin with says so as if the protocol were broken. */
    private static boolean isAboutStartUp(@Nullable String message) {
        return message != null && message.contains("startup parameter");
    }

    /** With a cause it is about a connection that broke while something was sent. */
    private static boolean isUnsent(R2dbcException error) {
        String message = error.getMessage();
        return message != null && error.getCause() == null && message.endsWith(REFUSED_TO_SEND);
    }

    private static ErrorKind classify(String state) {
        return switch (state) {
            // admin_shutdown, crash_shutdown, cannot_connect_now (starting, stopping, not yet consistent)
            case "57P01", "57P02", "57P03" -> ErrorKind.NODE_FAULT;
            // idle_session_timeout: said to a session that does nothing, so what crossed it on its way was not
            // executed.
            case "57P05" -> ErrorKind.UNSENT;
            // disk_full, out_of_memory, io_error, data_corrupted, index_corrupted
            case "53100", "53200", "58030", "XX001", "XX002" -> ErrorKind.NODE_SHORTAGE;
            case "25006" -> ErrorKind.READ_ONLY_REFUSAL;
            case "53300" -> ErrorKind.SATURATION;
            // Outside a transaction block a lone read can only be in conflict with recovery.
            case "40001" -> ErrorKind.RECOVERY_CONFLICT;
            default -> state.startsWith("08") ? ErrorKind.NODE_FAULT : ErrorKind.USER;
        };
    }
}
