package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.BodyScan.Scope;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.Word.Keyword;
import io.github.r2dbcrouting.sql.Word.Position;

/** Finds which functions a statement calls, among names, parts of the language and lists of columns that look like calls. */
final class FunctionCalls {

    /** Stands for a chain of names that does not begin with a name, such as {@code (row).column}. */
    private static final int NOT_A_CHAIN = 10;

    private final Tokens tokens;
    private final Findings findings;
    private final WithLists lists;
    private final TableNames tables;
    private Scope scope = Scope.OTHER;
    private boolean distinctOn;

    private Token lead = Token.SEMICOLON;
    private Word leadWord = Word.NAME;
    private boolean inPgCatalog;
    private int parts;

    FunctionCalls(Tokens tokens, Findings findings, WithLists lists, TableNames tables) {
        this.tokens = tokens;
        this.findings = findings;
        this.lists = lists;
        this.tables = tables;
    }

    /** Takes a dot, in or behind a chain of names, or behind something else. */
    void dot() {
        parts = tokens.previous().isName() ? parts : NOT_A_CHAIN;
    }

    /** Takes the word {@code ON}. */
    void on() {
        distinctOn |= tokens.follows(Keyword.DISTINCT);
    }

    /** Takes a name, or a part of one that is qualified. */
    void name(Scope present) {
        scope = present;
        if (tokens.previous() == Token.DOT) {
            parts++;
            if (tokens.rawWord().effect() == Effect.WRITES && tokens.next() != Token.LEFT_PARENTHESIS) {
                mayTakeValue();
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

    private void mayTakeValue() {
        if (scope == Scope.QUERY) {
            findings.add(Access.UNKNOWN, "may take a value from a sequence");
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
        Functions functions = tokens.functions();
        boolean builtIn = parts == 2 && inPgCatalog;
        Effect effect = functions.effect(tokens, parts == 1, builtIn);
        boolean matters = effect != Effect.UNKNOWN || (scope != Scope.OTHER && scope != Scope.CREATE);
        if (effect != Effect.NONE && matters) {
            String name = tokens.text();
            findings.add(effect.access(), effect.traits(), () -> "function " + name + "() " + effect.phrase());
            if (effect == Effect.UNKNOWN && functions.areUnheardOf(tokens.name())) {
                findings.addUnknownFunction(tokens.name());
            }
        }
        if (!functions.areListed(tokens, parts == 1 || builtIn)) {
            tables.hide();
        }
    }
}
