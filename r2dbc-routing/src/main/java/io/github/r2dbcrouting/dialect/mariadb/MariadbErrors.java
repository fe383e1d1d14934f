package io.github.r2dbcrouting.dialect.mariadb;

import io.github.r2dbcrouting.dialect.ErrorKind;
import io.r2dbc.spi.R2dbcException;
import org.jspecify.annotations.Nullable;

/**
 * What the errors of org.mariadb:r2dbc-mariadb say, by the server's code. The driver's own errors have none that tells
 * them apart: every failure to connect and every value that cannot be decoded is H1000/9000, and a closed connection has
 * neither code nor SQLSTATE, like a missing codec. There the message tells.
 */
final class MariadbErrors {

    private static final String FAILED_TO_CONNECT = "Fail to establish connection";
    private static final String REFUSED_TO_SEND = "The connection is closed. Unable to send anything";

    private MariadbErrors() {}

    static ErrorKind classify(R2dbcException error) {
        return switch (error.getErrorCode()) {
            // The code says that some option prevents the statement; the message, which one.
            case 1290 -> message(error).contains("read-only") ? ErrorKind.READ_ONLY_REFUSAL : ErrorKind.USER;
            // A read-only transaction; a read-only storage engine.
            case 1792, 1836 -> ErrorKind.READ_ONLY_REFUSAL;
            // Too many connections: of all users, of this one, by this one's own limit.
            case 1040, 1203, 1226 -> ErrorKind.SATURATION;
            // Disk full; out of memory, twice; an index or a table is damaged, three times.
            case 1021, 1037, 1041, 1034, 1194, 1195 -> ErrorKind.NODE_SHORTAGE;
            // Shutting down; killed.
            case 1053, 1927 -> ErrorKind.NODE_FAULT;
            // Too large a packet: of class 08 because the server hangs up, and yet the statement's fault.
            case 1153 -> ErrorKind.USER;
            case 9000 ->
                message(error).startsWith(FAILED_TO_CONNECT)
                        ? classifyConnect(error.getCause())
                        : classify(error.getSqlState(), error);
            default -> classify(error.getSqlState(), error);
        };
    }

    /** A server that answered, with "too many connections" or "wrong password", is alive. */
    private static ErrorKind classifyConnect(@Nullable Throwable cause) {
        return cause instanceof R2dbcException answered ? classify(answered) : ErrorKind.NODE_FAULT;
    }

    private static ErrorKind classify(@Nullable String state, R2dbcException error) {
        if (state == null) {
            return message(error).startsWith(REFUSED_TO_SEND) ? ErrorKind.UNSENT : ErrorKind.USER;
        }
        return state.startsWith("08") ? ErrorKind.NODE_FAULT : ErrorKind.USER;
    }

    private static String message(R2dbcException error) {
        String message = error.getMessage();
        return message == null ? "" : message;
    }
}
