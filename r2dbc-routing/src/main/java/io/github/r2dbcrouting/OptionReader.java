package io.github.r2dbcrouting;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.settings.Durations;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.function.Function;

/** Reads options that are objects from a builder and texts from a URL. */
final class OptionReader {

    private final ConnectionFactoryOptions options;

    OptionReader(ConnectionFactoryOptions options) {
        this.options = options;
    }

    Duration duration(Option<Duration> option, Duration otherwise) {
        return read(option, Duration.class, Duration::parse, otherwise, "an ISO-8601 duration such as PT0.5S");
    }

    Duration positive(Option<Duration> option, Duration otherwise) {
        return Durations.require(option.name(), duration(option, otherwise));
    }

    int integer(Option<Integer> option, int otherwise) {
        return read(option, Integer.class, Integer::valueOf, otherwise, "a whole number");
    }

    double number(Option<Double> option, double otherwise) {
        return read(option, Double.class, Double::valueOf, otherwise, "a number");
    }

    boolean flag(Option<Boolean> option, boolean otherwise) {
        return read(option, Boolean.class, OptionReader::flag, otherwise, "true or false");
    }

    <T> T named(Option<T> option, Class<T> type, Function<String, T> byName, T otherwise) {
        return read(option, type, byName, otherwise, "one of the names that it lists");
    }

    private <T> T read(Option<T> option, Class<T> type, Function<String, T> parser, T otherwise, String needed) {
        Object value = options.getValue(option);
        if (value == null) {
            return otherwise;
        }
        if (type.isInstance(value)) {
            return type.cast(value);
        }
        try {
            return parser.apply(value.toString());
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw new InvalidRoutingOptionException(
                    option.name(), "is '" + value + "' (" + e.getMessage() + ")", needed, "correct it", e);
        }
    }

    private static Boolean flag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        };
    }
}
