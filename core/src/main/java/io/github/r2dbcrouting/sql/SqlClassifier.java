package io.github.r2dbcrouting.sql;

/** Tells what a statement does from its text. Pure and safe for concurrent use. */
@FunctionalInterface
public interface SqlClassifier {

    /**
     * Returns the profile of a text. Never fails: a text that cannot be read to its end is {@code UNKNOWN}, goes to the
     * primary, and gets the database's own error there.
     */
    StatementProfile classify(String sql);
}
