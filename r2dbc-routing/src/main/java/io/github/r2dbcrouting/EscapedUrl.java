package io.github.r2dbcrouting;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds URLs in which a special character of user or password stands as it is. R2DBC's parser then ends the host too soon and
 * takes pieces of the password for a port, a database or an option, where a message would quote them.
 */
final class EscapedUrl {

    private static final Pattern NO_PORT = Pattern.compile("[^\\[\\]]*:(?!\\d*(,|$)).*");

    private EscapedUrl() {}

    /** Fails, without quoting anything, if there is no user but something that looks like the remains of one. */
    static void require(ConnectionFactoryOptions options) {
        if (options.hasOption(ConnectionFactoryOptions.USER)) {
            return;
        }
        Object host = options.getValue(ConnectionFactoryOptions.HOST);
        boolean[] torn = {
            holdsAt(options.getValue(ConnectionFactoryOptions.DATABASE))
                    || host != null && NO_PORT.matcher(host.toString()).matches()
        };
        // The filter is the only way to see every option; what it builds is thrown away.
        ConnectionFactoryOptions.builder().from(options, option -> {
            torn[0] |= holdsAt(option.name()) || holdsAt(options.getValue(option));
            return true;
        });
        if (torn[0]) {
            throw new InvalidRoutingOptionException(
                    "user",
                    "is missing, though an @ or a colon further on looks as if it belonged to one",
                    "user and password percent-encoded",
                    "write @ as %40, : as %3A, / as %2F, ? as %3F and # as %23 in them");
        }
    }

    private static boolean holdsAt(@Nullable Object value) {
        return value instanceof CharSequence text && text.toString().indexOf('@') >= 0;
    }
}
