package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.credentials.Secret;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.NoSuchOptionException;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.R2dbcException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Opens connections of the driver for one node and purpose, each with the secret it is given. What the driver makes of its
 * options is kept for as long as the secret stays the same.
 */
final class DriverOpener {

    private static final Option<Object> PASSWORD = Option.valueOf(ConnectionFactoryOptions.PASSWORD.name());

    /** Gives the driver the password of the connection that is being opened. */
    private static final Mono<CharSequence> PRESENT_PASSWORD = Mono.deferContextual(
            context -> Mono.justOrEmpty(context.<Secret>get(Secret.class).password()));

    private final DatabaseDialect dialect;
    private final ConnectionFactoryOptions options;
    private final boolean isFixed;
    private final Scheduler blocking;
    private volatile @Nullable Made made;

    /**
     * Creates an opener; the driver reads its options now, and finds what is missing or wrong with them.
     *
     * @param known as much of the secret as is known before it is asked for
     * @param isFixed whether that is all there ever is
     * @param blocking reads the files that the options name, when they are to be read again
     */
    DriverOpener(
            DatabaseDialect dialect,
            ConnectionFactoryOptions options,
            Secret known,
            boolean isFixed,
            Scheduler blocking) {
        this.dialect = dialect;
        this.options = options;
        this.isFixed = isFixed;
        this.blocking = blocking;
        this.made = make(known);
    }

    private record Made(Secret secret, ConnectionFactory factory) {}

    /** Returns a cold {@link Mono} of a connection that was opened with a secret. */
    Mono<Connection> open(Secret secret) {
        Made present = made;
        if (present != null && fits(present.secret, secret)) {
            return open(present, secret);
        }
        // Besides the options' files the driver may search the class path for its extensions.
        return Mono.fromCallable(() -> made = make(secret))
                .subscribeOn(blocking)
                .flatMap(fresh -> open(fresh, secret));
    }

    private Mono<Connection> open(Made present, Secret secret) {
        return Mono.<Connection>from(present.factory.create())
                .contextWrite(context -> context.put(Secret.class, secret));
    }

    private boolean fits(Secret present, Secret secret) {
        return isFixed
                || Objects.equals(present.tls(), secret.tls())
                        && (dialect.asksForPassword() || Objects.equals(present.password(), secret.password()));
    }

    /** Has the driver read its options, and the files that they name, anew for the next connection. */
    void forget() {
        made = null;
    }

    private Made make(Secret secret) {
        String name = "driver " + dialect.driver();
        try {
            return new Made(secret, dialect.factory(with(secret)));
        } catch (NoSuchOptionException missing) {
            throw new InvalidRoutingOptionException(
                    missing.getOption().name(),
                    "is missing",
                    "a value",
                    "the " + name + " needs it: give one",
                    missing);
        } catch (IllegalArgumentException | IllegalStateException | R2dbcException refused) {
            throw new InvalidRoutingOptionException(
                    name,
                    "refuses its options: " + refused.getMessage(),
                    "options that it takes",
                    "see its documentation",
                    refused);
        }
    }

    private ConnectionFactoryOptions with(Secret secret) {
        ConnectionFactoryOptions secured = secret.tls() == null ? options : dialect.secured(options, secret.tls());
        Object password = isFixed || !dialect.asksForPassword() ? secret.password() : PRESENT_PASSWORD;
        return password == null
                ? secured
                : secured.mutate().option(PASSWORD, password).build();
    }
}
