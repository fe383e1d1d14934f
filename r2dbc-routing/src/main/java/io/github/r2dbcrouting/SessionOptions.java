package io.github.r2dbcrouting;

import io.github.r2dbcrouting.consistency.TokenKeys;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.monitor.MonitorSettings;
import io.github.r2dbcrouting.settings.SessionSettings;
import io.github.r2dbcrouting.settings.TokenSettings;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads how sessions are kept between their requests, and the keys of their tokens, which no message quotes. */
final class SessionOptions {

    /** 128 bits, if it is written in hexadecimal. */
    private static final int LEAST_CHARACTERS = 32;

    private static final String REMEDY = "make one with: openssl rand -hex 32";

    private SessionOptions() {}

    static SessionSettings read(
            OptionReader reader, ConnectionFactoryOptions options, Duration maxLag, MonitorSettings monitor) {
        // What is known of a replica is as old as its last probe.
        Duration staleness = maxLag.plus(monitor.interval()).plus(monitor.timeout());
        Duration grace = reader.positive(RoutingOptions.SESSION_GRACE, staleness);
        SessionSettings defaults = SessionSettings.defaults(grace);
        return new SessionSettings(
                grace,
                reader.integer(RoutingOptions.MAX_SESSIONS, defaults.most()),
                reader.duration(RoutingOptions.SESSION_TIMEOUT, defaults.timeout()),
                tokens(reader, options));
    }

    private static @Nullable TokenSettings tokens(OptionReader reader, ConnectionFactoryOptions options) {
        Object keys = options.getValue(RoutingOptions.TOKEN_KEYS);
        if (keys == null) {
            return null;
        }
        TokenSettings defaults = TokenSettings.of(keys(keys.toString()));
        return new TokenSettings(
                defaults.keys(),
                reader.optional(RoutingOptions.TOKEN_CLUSTER, String.class, text -> text),
                reader.duration(RoutingOptions.TOKEN_LIFETIME, defaults.lifetime()),
                reader.duration(RoutingOptions.TOKEN_EXPORT_TIMEOUT, defaults.exportTimeout()));
    }

    private static TokenKeys keys(String list) {
        List<byte[]> secrets = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            String secret = part.strip();
            if (secret.length() < LEAST_CHARACTERS) {
                throw new InvalidRoutingOptionException(
                        RoutingOptions.TOKEN_KEYS.name(),
                        "holds a key of " + secret.length() + " characters",
                        LEAST_CHARACTERS + " or more in each, several separated by commas",
                        REMEDY);
            }
            secrets.add(secret.getBytes(StandardCharsets.UTF_8));
        }
        try {
            return TokenKeys.of(secrets);
        } catch (IllegalArgumentException e) {
            throw new InvalidRoutingOptionException(
                    RoutingOptions.TOKEN_KEYS.name(), "holds two keys of one number", "different ones", REMEDY, e);
        }
    }
}
