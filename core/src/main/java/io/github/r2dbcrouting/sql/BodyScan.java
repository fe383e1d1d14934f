package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.Word.Keyword;

/** Reads the body of a statement to its end and notes what speaks against a read: words, variables and functions. */
final class BodyScan {

    /** What a body is looked through for. */
    enum Scope {
        /** Everything. */
        QUERY,
        /** Functions, and words that show what the session did before. */
        SHOW,
        /** Functions: what the statement itself does is known. */
        CHANGE,
        /** Functions that are known to alter the session, temporary objects, and bodies with statements of their own. */
        CREATE,
        /** Functions that are known to alter the session. */
        OTHER
    }

    private final Tokens tokens;
    private final Findings findings;
    private final WithLists lists = new WithLists();
    private final TableNames tables;
    private final FunctionCalls calls;
    private Scope scope;
    private boolean temporary;

    BodyScan(Tokens tokens, Findings findings, Scope scope, boolean mysql) {
        this.tokens = tokens;
        this.findings = findings;
        this.scope = scope;
        this.tables = new TableNames(tokens, lists, mysql);
        this.calls = new FunctionCalls(tokens, findings, lists, tables);
    }

    /** Reads from the current token to the end of the statement. */
    void run() {
        if (scope == Scope.QUERY) {
            start();
        } else if (scope == Scope.CHANGE) {
            tables.change(tokens.keyword());
            tokens.advance();
        } else {
            tables.hide();
        }
        while (!tokens.current().endsStatement()) {
            step();
            advance();
        }
        if (!lists.isBalanced()) {
            findings.add(Access.UNKNOWN, "unbalanced parentheses");
        }
        findings.add(tables.tables());
    }

    /** Returns whether something is created that ends with the session. */
    boolean isTemporary() {
        return temporary;
    }

    /** Reads the parentheses before the first word, which must be a query's even within them. */
    private void start() {
        while (tokens.current() == Token.LEFT_PARENTHESIS) {
            open();
            advance();
        }
        if (tokens.keyword() == Keyword.WITH) {
            lists.begin();
        } else if (tokens.word().verb() == Verb.QUERY) {
            tables.word();
        } else {
            findings.add(Access.UNKNOWN, "no query in the parentheses", Trait.ALTERS_SESSION);
        }
        advance();
    }

    /** Moves on, unless the statement has ended already. */
    private void advance() {
        if (!tokens.current().endsStatement()) {
            tokens.advance();
        }
    }

    private void step() {
        switch (tokens.current()) {
            case WORD -> {
                word();
                calls.name(scope);
            }
            case QUOTED_NAME -> {
                if (lists.isNaming()) {
                    tableExpression();
                } else {
                    tables.plainName();
                }
                calls.name(scope);
            }
            case DOT -> calls.dot();
            case COMMA -> {
                lists.comma();
                tables.comma();
            }
            case LEFT_PARENTHESIS -> open();
            case RIGHT_PARENTHESIS -> close();
            case ASSIGNMENT -> findings.add(Access.UNKNOWN, "assigns a user variable", Trait.ALTERS_SESSION);
            case USER_VARIABLE -> {
                variable("reads a user variable");
                tables.other();
            }
            case SYSTEM_VARIABLE -> {
                if (tokens.lastPart().effect() == Effect.LOCAL) {
                    variable("reads what the session did before");
                }
            }
            default -> tables.other();
        }
    }

    private void open() {
        Token previous = tokens.previous();
        if (previous.endsOperand() && !previous.isName() && previous != Token.RIGHT_PARENTHESIS) {
            findings.add(Access.UNKNOWN, "a parenthesis behind a value", Trait.ALTERS_SESSION);
        }
        if (lists.isFull()) {
            findings.add(Access.UNKNOWN, "too many parentheses within each other", Trait.ALTERS_SESSION);
            tokens.skipText();
            return;
        }
        if (scope == Scope.QUERY && tokens.follows(Keyword.OPERATOR) && !lists.isInHead()) {
            operator();
        }
        lists.open();
        tables.open();
    }

    /** Takes an operator that is written with its schema. */
    private void operator() {
        if (tokens.nextWord().keyword() != Keyword.PG_CATALOG) {
            findings.add(Access.UNKNOWN, "an operator of a schema", Trait.ALTERS_SESSION);
        }
    }

    private void close() {
        if (!lists.close()) {
            findings.add(Access.UNKNOWN, "unbalanced parentheses");
        }
        tables.close();
    }

    private void variable(String reason) {
        if (scope == Scope.QUERY) {
            findings.add(Access.UNKNOWN, reason);
        }
    }

    private void showWord() {
        if (tokens.keyword() == Keyword.DIAGNOSTICS) {
            findings.add(Access.UNKNOWN, "shows what the session did before");
        }
    }

    private void createWord() {
        switch (tokens.keyword()) {
            case TEMPORARY -> temporary = true;
            case ROUTINE -> body(lists.isBalanced());
            case ATOMIC -> body(tokens.previousWord().verb() == Verb.BEGIN);
            default -> {}
        }
    }

    /** Skips the body of a routine: its semicolons end no statement of this text. */
    private void body(boolean begins) {
        if (begins) {
            findings.add(Access.WRITE, "CREATE with a body", Trait.ALTERS_SESSION);
            tokens.skipText();
        }
    }

    private void word() {
        switch (scope) {
            case SHOW -> showWord();
            case CREATE -> createWord();
            case OTHER -> {}
            case QUERY, CHANGE -> {
                if (!lists.isNaming()) {
                    clauseWord();
                } else if (tokens.keyword() == Keyword.RECURSIVE) {
                    lists.recursive();
                } else {
                    tableExpression();
                }
            }
        }
    }

    private void tableExpression() {
        if (!lists.name(tokens.name())) {
            tables.hide();
        }
    }

    /** Takes a word that names no table expression. */
    private void clauseWord() {
        if (tokens.keyword() == Keyword.NONE) {
            // Most words are names: this saves them all the rest.
            tables.plainName();
            return;
        }
        switch (tokens.keyword()) {
            case INSERT, UPDATE, DELETE, MERGE, REPLACE -> {
                if (!isLock() && beginsChange()) {
                    change();
                    return;
                }
            }
            case WITH -> {
                if (tokens.previous() == Token.LEFT_PARENTHESIS) {
                    lists.begin();
                }
            }
            case AS -> lists.as();
            case SELECT, VALUES, TABLE -> lists.statement();
            default -> {}
        }
        tables.word();
        if (scope == Scope.QUERY) {
            queryWord();
        }
    }

    /** Returns whether this is the {@code UPDATE} of a locking clause. */
    private boolean isLock() {
        return tokens.keyword() == Keyword.UPDATE
                && (tokens.follows(Keyword.FOR) || tokens.follows(Keyword.NO, Keyword.KEY));
    }

    /** Returns whether a word begins a change: as a statement behind WITH, or as the body of a table expression. */
    private boolean beginsChange() {
        boolean body =
                tokens.previous() == Token.LEFT_PARENTHESIS && tokens.next().isName();
        return tokens.next() != Token.LEFT_PARENTHESIS && (lists.statement() || body);
    }

    private void change() {
        Keyword verb = tokens.keyword();
        tables.change(verb);
        findings.add(Access.WRITE, "changes data: " + verb);
        scope = Scope.CHANGE;
    }

    /** Notes what speaks against a read. */
    private void queryWord() {
        Keyword keyword = tokens.keyword();
        switch (keyword) {
            case INSERT, DELETE, MERGE, REPLACE -> unexpected(keyword);
            case UPDATE -> {
                if (isLock()) {
                    findings.add(Access.WRITE, "locks rows", Trait.LOCKS);
                } else {
                    unexpected(keyword);
                }
            }
            case SHARE -> {
                if (tokens.follows(Keyword.FOR)
                        || tokens.follows(Keyword.IN)
                        || tokens.follows(Keyword.FOR, Keyword.KEY)) {
                    findings.add(Access.WRITE, "locks rows", Trait.LOCKS);
                }
            }
            case FOR -> {
                if (tokens.follows(Keyword.NEXT, Keyword.VALUE) || tokens.follows(Keyword.PREVIOUS, Keyword.VALUE)) {
                    findings.add(Access.WRITE, "takes a value from a sequence");
                }
            }
            case INTO -> findings.add(Access.WRITE, "selects into a table, a file or a variable", Trait.ALTERS_SESSION);
            case ON -> calls.on();
            case SEARCH, CYCLE -> {
                if (lists.isInTail()) {
                    lists.tailClause();
                    tables.hide();
                }
            }
            case SQL_CALC_FOUND_ROWS ->
                findings.add(Access.UNKNOWN, "leaves a count of rows behind in the session", Trait.ALTERS_SESSION);
            default -> {}
        }
    }

    private void unexpected(Keyword keyword) {
        boolean table = tokens.follows(Keyword.FROM) || tokens.follows(Keyword.JOIN);
        if (tokens.next() != Token.LEFT_PARENTHESIS && !table) {
            findings.add(Access.UNKNOWN, "contains the word " + keyword);
        }
    }
}
