package io.github.r2dbcrouting.dialect.mysql;

import io.github.r2dbcrouting.dialect.ErrorKind;
import io.r2dbc.spi.R2dbcException;
import org.jspecify.annotations.Nullable;

/**
 * What the errors of io.asyncer:r2dbc-mysql say, by the server's code, since it leaves the SQLSTATE empty for many. A
 * refused or timed-out connection attempt is a raw netty exception and never comes here.
 */
final class MysqlErrors {

    /** Its classes are not public, and have neither code nor SQLSTATE. */
    private static final String CONNECTION_ERRORS = "io.asyncer.r2dbc.mysql.client.";

    private MysqlErrors() {}

    static ErrorKind classify(R2dbcException error) {
        return switch (error.getErrorCode()) {
            // The code says that some option prevents the statement; the message, which one.
            case 1290 -> isAboutReadOnly(error.getMessage()) ? ErrorKind.READ_ONLY_REFUSAL : ErrorKind.USER;
            // A read-only transaction; a read-only storage engine or a server in read-only mode.
            case 1792, 1836 -> ErrorKind.READ_ONLY_REFUSAL;
            // Too many connections: of all users, of this one, by this one's own limit.
            case 1040, 1203, 1226 -> ErrorKind.SATURATION;
            // Disk full; out of memory, twice; an index or a table is damaged, three times.
            case 1021, 1037, 1041, 1034, 1194, 1195 -> ErrorKind.NODE_SHORTAGE;
            // Shutting down; killed; in offline mode.
            case 1053, 1927, 3032 -> ErrorKind.NODE_FAULT;
            // Hung up on after too long an idle time: what crossed that on its way was not executed.
            case 4031 -> ErrorKind.UNSENT;
            case 0 -> error.getClass().getName().startsWith(CONNECTION_ERRORS) ? ErrorKind.NODE_FAULT : ErrorKind.USER;
            default -> ErrorKind.USER;
        };
    }

    /** --read-only, --super-read-only */
    private static boolean isAboutReadOnly(@Nullable String message) {
        return message != null && message.contains("read-only");
    }
}
