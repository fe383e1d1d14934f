package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.BodyScan.Scope;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
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
    StatementProfile read() {
        if (tokens.current() == Token.LEFT_PARENTHESIS) {
            scan(Scope.QUERY);
        } else {
            boolean qualified = tokens.next() == Token.DOT;
            read(qualified ? Verb.NONE : tokens.word().verb());
        }
        return findings.profile();
    }

    private void read(Verb verb) {
        if (verb == Verb.QUERY) {
            scan(Scope.QUERY);
            return;
        }
        String first = tokens.current().endsStatement() ? "" : tokens.text();
        findings.add(
                verb.access(), verb.altersSession(), () -> verb == Verb.NONE ? "unknown statement: " + first : first);
        if (verb.transactionControl()) {
            findings.controlsTransaction();
        }
        Keyword second = tokens.nextWord().keyword();
        switch (verb) {
            case EXPLAIN -> explain();
            case SHOW -> scan(Scope.SHOW);
            case CHANGE -> scan(Scope.CHANGE);
            case CREATE -> scan(Scope.CREATE);
            case BEGIN -> {
                if (second == Keyword.NOT) {
                    findings.add(Access.WRITE, true, "BEGIN NOT ATOMIC");
                    tokens.skipText();
                }
                scan(Scope.OTHER);
            }
            case START, PREPARE -> {
                if (second == Keyword.TRANSACTION) {
                    findings.add(Access.WRITE, false, first);
                    findings.controlsTransaction();
                }
                scan(Scope.OTHER);
            }
            case SET -> set(second);
            default -> scan(Scope.OTHER);
        }
    }

    /** Takes what sets: a setting for the session, or what only the present transaction knows. */
    private void set(Keyword second) {
        boolean transactionOnly = !mysql && (second == Keyword.LOCAL || second == Keyword.CONSTRAINTS);
        if (second == Keyword.TRANSACTION) {
            findings.add(Access.WRITE, mysql, "SET TRANSACTION");
            findings.controlsTransaction();
        } else {
            findings.add(Access.UNKNOWN, !transactionOnly, "SET");
        }
        while (!tokens.current().endsStatement()) {
            Word word = tokens.current() == Token.SYSTEM_VARIABLE ? tokens.lastPart() : tokens.word();
            if (word.keyword() == Keyword.AUTOCOMMIT) {
                findings.controlsTransaction();
            }
            tokens.advance();
        }
    }

    /** Reads the options of EXPLAIN up to the statement that it explains. */
    private void explain() {
        boolean analyze = false;
        tokens.advance();
        while (!startsStatement()) {
            if (tokens.current().endsStatement()) {
                explainNothing();
                return;
            }
            switch (tokens.keyword()) {
                case ANALYZE -> analyze = true;
                case INTO -> findings.add(Access.WRITE, true, "explains into a variable");
                case FOR -> findings.add(Access.UNKNOWN, false, "explains the statement of another connection");
                default -> {}
            }
            tokens.advance();
        }
        boolean query =
                tokens.current() == Token.LEFT_PARENTHESIS || tokens.word().verb() == Verb.QUERY;
        if (query) {
            scan(Scope.QUERY);
        } else if (analyze) {
            findings.add(Access.WRITE, tokens.word().verb().altersSession(), "executes what it explains");
            scan(Scope.CHANGE);
        } else {
            findings.add(Access.UNKNOWN, false, "explains what is no read");
            scan(Scope.OTHER);
        }
    }

    /** In MySQL that describes a table; elsewhere it is no statement. */
    private void explainNothing() {
        if (!mysql) {
            findings.add(Access.UNKNOWN, false, "explains nothing");
        }
    }

    private boolean startsStatement() {
        if (tokens.current() == Token.LEFT_PARENTHESIS) {
            return tokens.next() == Token.LEFT_PARENTHESIS || tokens.nextWord().verb() == Verb.QUERY;
        }
        return tokens.word().verb() != Verb.NONE && tokens.keyword() != Keyword.ANALYZE;
    }

    private void scan(Scope scope) {
        new BodyScan(tokens, findings, scope).run();
    }
}
