package io.github.r2dbcrouting.sql;

/**
 * What is known of a word.
 *
 * @param verb the statement that it begins
 * @param effect what calling it as a function does
 * @param position where it may stand before a parenthesis without being a function
 * @param keyword which word it is, for the few that decide
 */
record Word(Verb verb, Effect effect, Position position, Keyword keyword) {

    /** A word of which nothing is known: a name. */
    static final Word NAME = new Word(Verb.NONE, Effect.UNKNOWN, Position.NAME, Keyword.NONE);

    Word with(Verb verb) {
        return new Word(verb, effect, position, keyword);
    }

    Word with(Effect effect) {
        return new Word(verb, effect, position, keyword);
    }

    Word with(Position position) {
        return new Word(verb, effect, position, keyword);
    }

    Word with(Keyword keyword) {
        return new Word(verb, effect, position, keyword);
    }

    /** Where a word may stand in front of a parenthesis. */
    enum Position {
        /** As a function only. */
        NAME,
        /** Never as a function: the language reserves it. */
        RESERVED,
        /** Reserved, and an operand begins behind it. */
        PREFIX,
        /** As a part of the language where an operand has ended, else as a function. */
        INFIX,
        /** As a part of the language in a statement that changes data, else as a function. */
        CHANGE
    }

    /** The words on which a decision hangs; where not said otherwise, the word is the constant's name. */
    enum Keyword {
        /** Any other word. */
        NONE,
        ANALYZE,
        AS,
        ATOMIC,
        AUTOCOMMIT,
        CHAIN,
        /** What ends a list of tables: {@code WHERE}, {@code ORDER}. */
        CLAUSE,
        CONSTRAINTS,
        CYCLE,
        DELETE,
        /** What shows the outcome of the session's last statement: {@code WARNINGS}, {@code ERRORS}, {@code PROFILE}. */
        DIAGNOSTICS,
        DISTINCT,
        FOR,
        FORMAT,
        FROM,
        IN,
        INSERT,
        INTO,
        /** {@code JOIN}, in MySQL {@code STRAIGHT_JOIN} too. */
        JOIN,
        KEY,
        LATERAL,
        LOCAL,
        MATERIALIZED,
        MERGE,
        /** What may stand between {@code INSERT} and its table in MySQL: {@code IGNORE}, {@code DELAYED}. */
        MODIFIER,
        NEXT,
        NO,
        NOT,
        ON,
        ONLY,
        OPERATOR,
        PG_CATALOG,
        PREPARED,
        PREVIOUS,
        READ,
        RECURSIVE,
        RELEASE,
        REPLACE,
        /** What has a body of statements: {@code PROCEDURE}, {@code TRIGGER}. */
        ROUTINE,
        SEARCH,
        SELECT,
        SET,
        SHARE,
        SQL_CALC_FOUND_ROWS,
        TABLE,
        /** What ends with the session: {@code TEMP}, {@code TEMPORARY}, {@code pg_temp}. */
        TEMPORARY,
        TO,
        TRANSACTION,
        UPDATE,
        USING,
        VALUE,
        VALUES,
        WITH,
        WRITE
    }
}
