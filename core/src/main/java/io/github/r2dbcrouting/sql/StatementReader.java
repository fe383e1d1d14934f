package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.BodyScan.Scope;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.Word.Keyword;

/** Reads one statement of a text: what its first word says, then what its body adds. */
final class StatementReader {

    private final Tokens tokens;
    private final boolean mysql;
    private final Findings findings = new Findings();

    StatementReader(Tokens tokens, SqlDialect dialect) {
        this.tokens = tokens;
        this.mysql = dialect != SqlDialect.POSTGRESQL;
    }

    /** Reads the statement whose first token is the current one, and stops at its end. */
    Findings read() {
        if (tokens.current() == Token.LEFT_PARENTHESIS) {
            scan(Scope.QUERY);
        } else {
            boolean qualified = tokens.next() == Token.DOT;
            read(qualified ? Verb.NONE : tokens.word().verb());
        }
        return findings;
    }

    private void read(Verb verb) {
        if (verb == Verb.QUERY) {
            scan(Scope.QUERY);
            return;
        }
        if (mysql && tokens.keyword() == Keyword.ANALYZE && analyzesStatement()) {
            explain(true);
            return;
        }
        String first = tokens.current().endsStatement() ? "" : tokens.text();
        findings.add(verb.access(), verb.traits(), () -> verb == Verb.NONE ? "unknown statement: " + first : first);
        Keyword second = tokens.nextWord().keyword();
        switch (verb) {
            case EXPLAIN -> explain(false);
            case SHOW -> scan(Scope.SHOW);
            case CHANGE -> scan(Scope.CHANGE);
            case CREATE, SCHEMA -> schema(verb);
            default -> {
                control(verb, second, first);
                scan(Scope.OTHER);
            }
        }
    }

    /** Reads what is about transactions and the session. */
    private void control(Verb verb, Keyword second, String first) {
        switch (verb) {
            case BEGIN -> {
                if (second == Keyword.NOT) {
                    block();
                } else {
                    begin();
                }
            }
            case START -> {
                if (second == Keyword.TRANSACTION) {
                    begin();
                } else if (mysql) {
                    findings.add(Trait.ENDS);
                }
            }
            case END -> end();
            case PREPARE -> {
                if (second == Keyword.TRANSACTION) {
                    findings.add(Access.WRITE, first, Trait.ENDS);
                }
            }
            case SET -> set(second);
            default -> {}
        }
    }

    /** Reads on to the end of a change of the schema, before which MySQL commits unless it is about a temporary table. */
    private void schema(Verb verb) {
        boolean temporary = tokens.nextWord().keyword() == Keyword.TEMPORARY;
        BodyScan body = scan(verb == Verb.CREATE ? Scope.CREATE : Scope.OTHER);
        if (temporary || body.isTemporary()) {
            findings.add(Trait.ALTERS_SESSION);
        } else if (mysql) {
            findings.add(Trait.ENDS);
        }
    }

    /** Takes a block of MariaDB, in which there may be anything. */
    private void block() {
        findings.add(Access.WRITE, "BEGIN NOT ATOMIC", Trait.CONTROLS, Trait.ALTERS_SESSION);
        tokens.skipText();
    }

    /** Reads the modes of a transaction, of which the last one counts. */
    private void begin() {
        boolean readOnly = false;
        while (!tokens.current().endsStatement()) {
            if (tokens.follows(Keyword.READ)) {
                readOnly = tokens.keyword() == Keyword.ONLY || (readOnly && tokens.keyword() != Keyword.WRITE);
            }
            tokens.advance();
        }
        findings.add(readOnly ? Trait.BEGINS_READ_ONLY : Trait.BEGINS);
    }

    /** Reads what is ended: a transaction, perhaps with another one behind it, what came since a savepoint, or a prepared one. */
    private void end() {
        boolean ends = true;
        boolean chains = false;
        while (!tokens.current().endsStatement()) {
            boolean negated = tokens.follows(Keyword.NO);
            switch (tokens.keyword()) {
                case TO, PREPARED -> ends = false;
                case CHAIN -> chains = !negated;
                case RELEASE -> {
                    if (!negated) {
                        findings.add(Trait.ALTERS_SESSION);
                    }
                }
                default -> {}
            }
            tokens.advance();
        }
        findings.add(ends ? Trait.ENDS : Trait.CONTROLS);
        if (ends && chains) {
            findings.add(Trait.BEGINS);
        }
    }

    /** Takes what sets: a setting for the session, or what only the present transaction knows. */
    private void set(Keyword second) {
        if (second == Keyword.TRANSACTION) {
            findings.add(Access.WRITE, "SET TRANSACTION", Trait.CONTROLS);
        }
        findings.add(Access.UNKNOWN, "SET");
        boolean transactionOnly =
                !mysql && (second == Keyword.TRANSACTION || second == Keyword.LOCAL || second == Keyword.CONSTRAINTS);
        if (!transactionOnly) {
            findings.add(Trait.ALTERS_SESSION);
        }
        while (!tokens.current().endsStatement()) {
            Word word = tokens.current() == Token.SYSTEM_VARIABLE ? tokens.lastPart() : tokens.word();
            if (word.keyword() == (mysql ? Keyword.AUTOCOMMIT : Keyword.TRANSACTION)) {
                findings.add(Trait.CONTROLS);
            }
            tokens.advance();
        }
    }

    /** Returns whether this is no {@code ANALYZE TABLE} but MariaDB's {@code ANALYZE}, which explains what it executes. */
    private boolean analyzesStatement() {
        Word second = tokens.nextWord();
        return second.keyword() == Keyword.FORMAT
                || second.verb() == Verb.CHANGE
                || (second.verb() == Verb.QUERY && second.keyword() != Keyword.TABLE);
    }

    /** Reads the options of EXPLAIN up to the statement that it explains, and perhaps executes. */
    private void explain(boolean executes) {
        boolean analyze = executes;
        tokens.advance();
        while (!startsStatement()) {
            if (tokens.current().endsStatement()) {
                explainNothing();
                return;
            }
            switch (tokens.keyword()) {
                case ANALYZE -> analyze = true;
                case INTO -> findings.add(Access.WRITE, "explains into a variable", Trait.ALTERS_SESSION);
                case FOR -> findings.add(Access.UNKNOWN, "explains the statement of another connection");
                default -> {}
            }
            tokens.advance();
        }
        boolean query =
                tokens.current() == Token.LEFT_PARENTHESIS || tokens.word().verb() == Verb.QUERY;
        if (query) {
            scan(Scope.QUERY);
        } else if (analyze) {
            findings.add(Access.WRITE, tokens.word().verb().traits(), () -> "executes what it explains");
            scan(Scope.CHANGE);
        } else {
            explainOther(tokens.word().verb());
            scan(Scope.OTHER);
        }
    }

    /** PostgreSQL explains a cursor and what makes a table of a query without a lock on anything but the tables it reads. */
    private void explainOther(Verb verb) {
        if (mysql || verb == Verb.CHANGE || verb == Verb.ANYTHING) {
            findings.add(Access.UNKNOWN, "explains what is no read");
        }
    }

    /** In MySQL that describes a table; elsewhere it is no statement. */
    private void explainNothing() {
        if (!mysql) {
            findings.add(Access.UNKNOWN, "explains nothing");
        }
    }

    private boolean startsStatement() {
        if (tokens.current() == Token.LEFT_PARENTHESIS) {
            return tokens.next() == Token.LEFT_PARENTHESIS || tokens.nextWord().verb() == Verb.QUERY;
        }
        return tokens.word().verb() != Verb.NONE && tokens.keyword() != Keyword.ANALYZE;
    }

    private BodyScan scan(Scope scope) {
        BodyScan body = new BodyScan(tokens, findings, scope, mysql);
        body.run();
        return body;
    }
}
