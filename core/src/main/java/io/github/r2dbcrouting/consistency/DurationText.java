package io.github.r2dbcrouting.consistency;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations as people write them: {@code 500ms}, {@code 2s}, {@code 1m}, {@code 1h}, or ISO-8601 such as {@code PT2S}. */
public final class DurationText {

    /** What is understood, for messages. */
    public static final String FORM = "500ms, 2s, 1m or an ISO-8601 duration such as PT2S";

    private static final Pattern SHORT = Pattern.compile("(\\d{1,15})\\s*(ms|s|m|h)", Pattern.CASE_INSENSITIVE);

    private DurationText() {}

    /**
     * Returns the duration that a text stands for, upper or lower case.
     *
     * @throws IllegalArgumentException if it is none; the message says which form it must have
     */
    public static Duration parse(String text) {
        String trimmed = text.trim();
        Matcher matcher = SHORT.matcher(trimmed);
        try {
            return matcher.matches()
                    ? of(Long.parseLong(matcher.group(1)), matcher.group(2).toLowerCase(Locale.ROOT))
                    : Duration.parse(trimmed);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("'" + trimmed + "' is no duration; use " + FORM, e);
        }
    }

    private static Duration of(long amount, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }
}
