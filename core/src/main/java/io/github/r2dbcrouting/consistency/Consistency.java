package io.github.r2dbcrouting.consistency;

import java.time.Duration;
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
}
