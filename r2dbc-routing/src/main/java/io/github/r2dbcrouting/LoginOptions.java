package io.github.r2dbcrouting;

import io.github.r2dbcrouting.credentials.Credentials;
import io.github.r2dbcrouting.credentials.Logins;
import io.github.r2dbcrouting.credentials.PasswordSource;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** Reads who logs in. */
final class LoginOptions {

    private LoginOptions() {}

    static Logins read(ConnectionFactoryOptions options, @Nullable Publisher<TlsMaterial> tls) {
        Credentials app = new Credentials(null, password(options, ConnectionFactoryOptions.PASSWORD));
        Credentials monitor = credentials(options, RoutingOptions.MONITOR_USER, RoutingOptions.MONITOR_PASSWORD);
        Credentials control = credentials(options, RoutingOptions.CONTROL_USER, RoutingOptions.CONTROL_PASSWORD);
        return new Logins(app, monitor == null ? app : monitor, control, tls);
    }

    private static @Nullable Credentials credentials(
            ConnectionFactoryOptions options, Option<String> user, Option<CharSequence> password) {
        boolean hasUser = options.hasOption(user);
        if (hasUser != options.hasOption(password)) {
            throw new InvalidRoutingOptionException(
                    hasUser ? password.name() : user.name(),
                    "is missing while the other one of " + user.name() + " and " + password.name() + " is given",
                    "both or none",
                    "give the other one too");
        }
        return hasUser ? new Credentials(String.valueOf(options.getValue(user)), password(options, password)) : null;
    }

    private static PasswordSource password(ConnectionFactoryOptions options, Option<CharSequence> option) {
        return PasswordSource.from(option.name(), options.getValue(option));
    }
}
