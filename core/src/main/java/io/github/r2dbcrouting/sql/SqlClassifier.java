package io.github.r2dbcrouting.sql;

/** Tells what a statement does from its text. Pure and safe for concurrent use. */
@FunctionalInterface
public interface SqlClassifier {

    /**
     * Returns the profile of a text. Never fails: a text that cannot be read to its end is {@code UNKNOWN}, goes to the
     * primary, and gets the database's own error there.
     */
    StatementProfile classify(String sql);

    /**
     * Returns the classifier for a dialect that judges by the text alone: of functions, it knows the built-in ones.
     */
    static SqlClassifier forDialect(SqlDialect dialect) {
        return forDialect(dialect, FunctionCatalog.NONE);
    }

    /**
     * Returns the classifier for a dialect and the functions of a server: a text is a read if it begins like one, contains
     * nothing that locks or changes, and calls only functions that are known to be harmless. What stands behind a view, an
     * operator, a cast or a column that is computed cannot be seen in a text; the server refuses there what it must.
     */
    static SqlClassifier forDialect(SqlDialect dialect, FunctionCatalog functions) {
        return new LexingClassifier(dialect, functions);
    }
}
