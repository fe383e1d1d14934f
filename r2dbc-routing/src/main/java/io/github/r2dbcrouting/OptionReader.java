package io.github.r2dbcrouting;

import io.github.r2dbcrouting.consistency.DurationText;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.selector.NodeSelector;
import io.github.r2dbcrouting.settings.Durations;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads options that are objects from a builder and texts from a URL. */
final class OptionReader {

    private final ConnectionFactoryOptions options;

    OptionReader(ConnectionFactoryOptions options) {
        this.options = options;
    }

    Duration duration(Option<Duration> option, Duration otherwise) {
        return read(option, Duration.class, DurationText::parse, otherwise, DurationText.FORM);
    }

    /** Reads names in the order in which they are wished for. */
    List<String> names(Option<String> option) {
        Object value = options.getValue(option);
        List<String> names = value == null
                ? List.of()
                : Arrays.stream(value.toString().split("\\|", -1))
                        .map(String::trim)
                        .toList();
        if (names.contains("")) {
            throw new InvalidRoutingOptionException(
                    option.name(), "is '" + value + "'", "a name, several with | between them", "correct it");
        }
        return names;
    }

    /** Reads what no text can say. */
    List<NodeSelector> selectors() {
        Object value = options.getValue(RoutingOptions.SELECTORS);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(NodeSelector.class::isInstance)) {
            return list.stream().map(NodeSelector.class::cast).toList();
        }
        throw new InvalidRoutingOptionException(
                RoutingOptions.SELECTORS.name(),
                "is '" + value + "'",
                "a list of NodeSelector objects",
                "set it by the builder, not in a URL");
    }

    @Nullable
    Duration optionalDuration(Option<Duration> option) {
        Object value = options.getValue(option);
        return value == null ? null : parse(value, option, Duration.class, DurationText::parse, DurationText.FORM);
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

    /** Reads one of an enum's constants, in upper or lower case. */
    <E extends Enum<E>> E choice(Option<E> option, Class<E> type, E otherwise) {
        String names = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        return read(
                option, type, name -> Enum.valueOf(type, name.toUpperCase(Locale.ROOT)), otherwise, "one of " + names);
    }

    <T> T named(Option<T> option, Class<T> type, Function<String, T> byName, T otherwise) {
        return read(option, type, byName, otherwise, "one of the names that it lists");
    }

    <T> @Nullable T optional(Option<T> option, Class<T> type, Function<String, T> byName) {
        Object value = options.getValue(option);
        return value == null ? null : parse(value, option, type, byName, "one of the names that it lists");
    }

    private <T> T read(Option<T> option, Class<T> type, Function<String, T> parser, T otherwise, String needed) {
        Object value = options.getValue(option);
        return value == null ? otherwise : parse(value, option, type, parser, needed);
    }

    private static <T> T parse(
            Object value, Option<T> option, Class<T> type, Function<String, T> parser, String needed) {
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
