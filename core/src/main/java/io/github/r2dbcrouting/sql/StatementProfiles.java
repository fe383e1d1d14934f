package io.github.r2dbcrouting.sql;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Remembers the profiles of texts, so that a text that recurs costs a look-up instead of a classification. Safe for
 * concurrent use, without threads of its own.
 */
public final class StatementProfiles {

    /** Longer texts are mostly generated, with their values in them, and would push out those that recur. */
    static final int LONGEST_TEXT = 4_096;

    /** Each of them costs some bytes only. */
    private static final int MOST_REFUSED = 10_000;

    private final Cache<String, StatementProfile> profiles;

    /** Apart from the profiles, so that neither another classifier nor other texts make it forget. */
    private final Cache<Long, Boolean> refused;

    private volatile SqlClassifier classifier;
    private volatile boolean anyRefused;
    private volatile Consumer<Set<String>> unheardOf = names -> {};
    private volatile Runnable schemaChanges = () -> {};

    private StatementProfiles(SqlClassifier classifier, int maximumTexts) {
        this.classifier = classifier;
        this.profiles = Caffeine.newBuilder()
                .maximumSize(maximumTexts)
                .executor(Runnable::run)
                .build();
        this.refused = Caffeine.newBuilder()
                .maximumSize(MOST_REFUSED)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Returns profiles that are worked out by a classifier when a text is first seen.
     *
     * @param maximumTexts how many texts are remembered, at least 1; a text of more than 4,096 characters never is
     */
    public static StatementProfiles of(SqlClassifier classifier, int maximumTexts) {
        if (maximumTexts < 1) {
            throw new IllegalArgumentException(
                    "the number of remembered texts must be at least 1, got " + maximumTexts);
        }
        return new StatementProfiles(classifier, maximumTexts);
    }

    /**
     * Sets who is told of functions of which the classifier knows nothing, each time that a text calls some which is not
     * remembered; called by whoever asks for the profile, so it must be quick.
     */
    public void whenUnheardOf(Consumer<Set<String>> listener) {
        unheardOf = listener;
    }

    /** Sets who is told of changes of the schema; called by whoever made one, so it must be quick. */
    public void whenSchemaChanges(Runnable listener) {
        schemaChanges = listener;
    }

    /** Takes note that a statement has changed the schema. */
    public void schemaChanged() {
        schemaChanges.run();
    }

    /** Returns the profile of a text. Never fails. */
    public StatementProfile profile(String sql) {
        if (sql.length() > LONGEST_TEXT) {
            return work(classifier, sql);
        }
        StatementProfile known = profiles.getIfPresent(sql);
        if (known == null) {
            SqlClassifier present = classifier;
            known = work(present, sql);
            profiles.put(sql, known);
            if (present != classifier) {
                // Its successor may have forgotten everything before this was put.
                profiles.invalidate(sql);
            }
        }
        return known;
    }

    private StatementProfile work(SqlClassifier present, String sql) {
        StatementProfile profile = present.classify(sql);
        if (!profile.unknownFunctions().isEmpty()) {
            unheardOf.accept(profile.unknownFunctions());
        }
        return isRefused(sql) ? profile.refused() : profile;
    }

    /** Works out all profiles anew from now on, by a classifier that knows more. */
    public void reclassify(SqlClassifier successor) {
        classifier = successor;
        profiles.invalidateAll();
    }

    /** Remembers that a text writes although it does not look so: a server has refused to run it read-only. */
    public void learnWrite(String sql) {
        refused.put(key(sql), true);
        anyRefused = true;
        if (sql.length() <= LONGEST_TEXT) {
            profiles.put(sql, profile(sql).refused());
        }
    }

    /** Returns whether {@link #learnWrite} was told of a text, or once in a blue moon of one that is like it. */
    public boolean isRefused(String sql) {
        return anyRefused && refused.getIfPresent(key(sql)) != null;
    }

    /** Two texts that share it by chance are both sent to the primary, which is always right. */
    private static Long key(String sql) {
        return (long) sql.hashCode() << 32 | sql.length();
    }
}
