package io.github.r2dbcrouting.consistency;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a read may observe, from least to most.
 *
 * @param level how much is asked for
 * @param staleness how old the data may be, positive; present for {@link Level#BOUNDED} only
 */
public record Consistency(Level level, @Nullable Duration staleness) {

    /** How much is asked for. */
    public enum Level {
        /** Any replica, however far behind it may be within what the factory allows. */
        EVENTUAL,
        /** A node whose data are at most so old. */
        BOUNDED,
        /** A node that shows what this session wrote. */
        READ_YOUR_WRITES,
        /** A node that shows what this session wrote, and nothing older than what it has read. */
        SESSION,
        /** What the primary shows now. */
        STRONG
    }

    public Consistency {
        if ((level == Level.BOUNDED) != (staleness != null)) {
            throw new IllegalArgumentException("a staleness belongs to BOUNDED and to no other level, got " + level
                    + " with " + staleness + "; use bounded(staleness)");
        }
        if (staleness != null && (staleness.isZero() || staleness.isNegative())) {
            throw new IllegalArgumentException(
                    "the staleness must be positive, got " + staleness + "; use strong() to allow none");
        }
    }

    private static final Pattern BOUNDED_TEXT = Pattern.compile("bounded\\s*\\((.*)\\)", Pattern.DOTALL);

    private static final Consistency EVENTUAL = new Consistency(Level.EVENTUAL, null);
    private static final Consistency READ_YOUR_WRITES = new Consistency(Level.READ_YOUR_WRITES, null);
    private static final Consistency SESSION = new Consistency(Level.SESSION, null);
    private static final Consistency STRONG = new Consistency(Level.STRONG, null);

    public static Consistency eventual() {
        return EVENTUAL;
    }

    /**
     * Returns the level at which data are at most so old.
     *
     * @param staleness positive
     */
    public static Consistency bounded(Duration staleness) {
        return new Consistency(Level.BOUNDED, staleness);
    }

    public static Consistency readYourWrites() {
        return READ_YOUR_WRITES;
    }

    public static Consistency session() {
        return SESSION;
    }

    public static Consistency strong() {
        return STRONG;
    }

    /** What {@link #valueOf(String)} understands, for messages. */
    public static final String FORM = "eventual, bounded(2s), readYourWrites, session or strong";

    /**
     * Returns a level by its name, in upper or lower case: {@code eventual}, {@code bounded(2s)}, {@code readYourWrites},
     * {@code session} or {@code strong}.
     *
     * @throws IllegalArgumentException if there is none of that name; the message names the valid ones
     */
    public static Consistency valueOf(String text) {
        String name = text.trim().toLowerCase(Locale.ROOT);
        Matcher bounded = BOUNDED_TEXT.matcher(name);
        if (bounded.matches()) {
            return bounded(DurationText.parse(bounded.group(1)));
        }
        return switch (name) {
            case "eventual" -> EVENTUAL;
            case "readyourwrites" -> READ_YOUR_WRITES;
            case "session" -> SESSION;
            case "strong" -> STRONG;
            default ->
                throw new IllegalArgumentException("no level of consistency is named '" + text + "'; use " + FORM);
        };
    }

    /** Returns whether only the primary gives it, where positions are not known. */
    public boolean isForPrimary() {
        return level == Level.STRONG || level == Level.READ_YOUR_WRITES || level == Level.SESSION;
    }

    /** Returns it as {@link #valueOf(String)} reads it. */
    @Override
    public String toString() {
        return switch (level) {
            case EVENTUAL -> "eventual";
            case BOUNDED -> "bounded(" + staleness + ")";
            case READ_YOUR_WRITES -> "readYourWrites";
            case SESSION -> "session";
            case STRONG -> "strong";
        };
    }
}
