package io.github.r2dbcrouting.sql;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;

/**
 * Remembers the profiles of texts, so that a text that recurs costs a look-up instead of a classification. Safe for
 * concurrent use, without threads of its own.
 */
public final class StatementProfiles {

    /** Longer texts are mostly generated, with their values in them, and would push out those that recur. */
    static final int LONGEST_TEXT = 4_096;

    private final SqlClassifier classifier;
    private final Cache<String, StatementProfile> profiles;

    private StatementProfiles(SqlClassifier classifier, int maximumTexts) {
        this.classifier = classifier;
        this.profiles = Caffeine.newBuilder()
                .maximumSize(maximumTexts)
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

    /** Returns the profile of a text. Never fails. */
    public StatementProfile profile(String sql) {
        if (sql.length() > LONGEST_TEXT) {
            return classifier.classify(sql);
        }
        StatementProfile known = profiles.getIfPresent(sql);
        if (known == null) {
            known = classifier.classify(sql);
            profiles.put(sql, known);
        }
        return known;
    }

    /** Remembers that a text writes although it does not look so: a server has refused to run it read-only. */
    public void learnWrite(String sql) {
        StatementProfile learnt =
                StatementProfile.of(Access.WRITE, "refused by a read-only server", Traits.of(Trait.ALTERS_SESSION));
        profiles.put(sql, learnt.with(profile(sql).comment()));
    }
}
