package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.Word.Keyword;
import io.github.r2dbcrouting.sql.Word.Position;

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

    /** Stands for a chain of names that does not begin with a name, such as {@code (row).column}. */
    private static final int NOT_A_CHAIN = 10;

    private final Tokens tokens;
    private final Findings findings;
    private final WithLists lists = new WithLists();
    private Scope scope;
    private boolean distinctOn;
    private boolean temporary;

    private Token lead = Token.SEMICOLON;
    private Word leadWord = Word.NAME;
    private boolean inPgCatalog;
    private int parts;

    BodyScan(Tokens tokens, Findings findings, Scope scope) {
        this.tokens = tokens;
        this.findings = findings;
        this.scope = scope;
    }

    /** Reads from the current token to the end of the statement. */
    void run() {
        if (scope == Scope.QUERY) {
            start();
        }
        while (!tokens.current().endsStatement()) {
            step();
            tokens.advance();
        }
        if (!lists.isBalanced()) {
            findings.add(Access.UNKNOWN, "unbalanced parentheses");
        }
    }

    /** Returns whether something is created that ends with the session. */
    boolean isTemporary() {
        return temporary;
    }

    /** Reads the parentheses before the first word, which must be a query's even within them. */
    private void start() {
        while (tokens.current() == Token.LEFT_PARENTHESIS) {
            lists.open();
            tokens.advance();
        }
        if (tokens.keyword() == Keyword.WITH) {
            lists.begin();
        } else if (tokens.word().verb() != Verb.QUERY) {
            findings.add(Access.UNKNOWN, "no query in the parentheses", Trait.ALTERS_SESSION);
        }
        if (!tokens.current().endsStatement()) {
            tokens.advance();
        }
    }

    private void step() {
        switch (tokens.current()) {
            case WORD -> {
                switch (scope) {
                    case QUERY -> queryWord();
                    case SHOW -> showWord();
                    case CREATE -> createWord();
                    case CHANGE, OTHER -> {}
                }
                name();
            }
            case QUOTED_NAME -> {
                lists.name();
                name();
            }
            case DOT -> parts = tokens.previous().isName() ? parts : NOT_A_CHAIN;
            case COMMA -> lists.comma();
            case LEFT_PARENTHESIS -> open();
            case RIGHT_PARENTHESIS -> close();
            case ASSIGNMENT -> findings.add(Access.UNKNOWN, "assigns a user variable", Trait.ALTERS_SESSION);
            case USER_VARIABLE -> variable("reads a user variable");
            case SYSTEM_VARIABLE -> {
                if (tokens.lastPart().effect() == Effect.LOCAL) {
                    variable("reads what the session did before");
                }
            }
            default -> {}
        }
    }

    private void open() {
        Token previous = tokens.previous();
        if (previous.endsOperand() && !previous.isName() && previous != Token.RIGHT_PARENTHESIS) {
            findings.add(Access.UNKNOWN, "a parenthesis behind a value", Trait.ALTERS_SESSION);
        }
        lists.open();
    }

    private void close() {
        if (!lists.close()) {
            findings.add(Access.UNKNOWN, "unbalanced parentheses");
        }
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

    /** Notes what an unquoted word in a query means. */
    private void queryWord() {
        Keyword keyword = tokens.keyword();
        switch (keyword) {
            case NONE -> lists.name();
            case WITH -> {
                if (tokens.previous() == Token.LEFT_PARENTHESIS) {
                    lists.begin();
                }
            }
            case AS -> lists.as();
            case RECURSIVE -> {}
            case SELECT, VALUES, TABLE -> {
                if (!lists.name()) {
                    lists.statement();
                }
            }
            case INSERT, DELETE, MERGE, REPLACE -> modification();
            case UPDATE -> {
                if (tokens.follows(Keyword.FOR) || tokens.follows(Keyword.NO, Keyword.KEY)) {
                    findings.add(Access.WRITE, "locks rows", Trait.LOCKS);
                } else {
                    modification();
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
            case OPERATOR -> {
                if (tokens.next() == Token.LEFT_PARENTHESIS && !lists.name()) {
                    findings.add(Access.UNKNOWN, "an operator of a schema", Trait.ALTERS_SESSION);
                }
            }
            case ON -> distinctOn |= tokens.follows(Keyword.DISTINCT);
            case SEARCH, CYCLE -> {
                if (lists.isInTail()) {
                    findings.add(Access.UNKNOWN, "a " + keyword + " clause");
                }
                lists.name();
            }
            case SQL_CALC_FOUND_ROWS ->
                findings.add(Access.UNKNOWN, "leaves a count of rows behind in the session", Trait.ALTERS_SESSION);
            default -> lists.name();
        }
    }

    /** Takes a word that may begin a change of data: as a statement behind WITH, as the body of a table expression. */
    private void modification() {
        if (lists.name() || tokens.next() == Token.LEFT_PARENTHESIS) {
            return;
        }
        boolean body =
                tokens.previous() == Token.LEFT_PARENTHESIS && tokens.next().isName();
        if (lists.statement() || body) {
            findings.add(Access.WRITE, "changes data: " + tokens.keyword());
            scope = Scope.CHANGE;
        } else {
            findings.add(Access.UNKNOWN, "contains the word " + tokens.keyword());
        }
    }

    /** Takes a name, or a part of one that is qualified. */
    private void name() {
        if (tokens.previous() == Token.DOT) {
            parts++;
            if (tokens.rawWord().effect() == Effect.WRITES && tokens.next() != Token.LEFT_PARENTHESIS) {
                variable("may take a value from a sequence");
            }
        } else {
            parts = 1;
            lead = tokens.previous();
            leadWord = tokens.previousWord();
            inPgCatalog = tokens.rawWord().keyword() == Keyword.PG_CATALOG;
        }
        if (tokens.next() == Token.LEFT_PARENTHESIS && isCall()) {
            call();
        }
    }

    private boolean isCall() {
        if (parts == 1 && isPartOfTheLanguage(tokens.word().position())) {
            return false;
        }
        if (lists.isInHead() || lead == Token.CAST) {
            return false;
        }
        if (lead == Token.RIGHT_PARENTHESIS) {
            // Columns of an alias: "unnest(…) t (a, b)". Only DISTINCT ON (…) has an expression right behind it.
            return parts > 1 || distinctOn;
        }
        return switch (leadWord.keyword()) {
            case AS, WITH, RECURSIVE -> false;
            case INTO, INSERT, REPLACE, MODIFIER -> scope != Scope.CHANGE;
            default -> true;
        };
    }

    private boolean isPartOfTheLanguage(Position position) {
        return switch (position) {
            case NAME -> false;
            case RESERVED, PREFIX -> true;
            case INFIX -> lead.endsOperand() || (lead == Token.WORD && leadWord.position() != Position.PREFIX);
            case CHANGE -> scope == Scope.CHANGE;
        };
    }

    private void call() {
        boolean known = tokens.current() == Token.WORD && (parts == 1 || (parts == 2 && inPgCatalog));
        Effect effect = known ? tokens.rawWord().effect() : Effect.UNKNOWN;
        if (effect != Effect.NONE && (effect != Effect.UNKNOWN || (scope != Scope.OTHER && scope != Scope.CREATE))) {
            String name = tokens.text();
            findings.add(effect.access(), effect.traits(), () -> "function " + name + "() " + effect.phrase());
        }
    }
}
