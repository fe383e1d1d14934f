package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.Word.Keyword;
import org.jspecify.annotations.Nullable;

/**
 * A window on the tokens of a text: the current one with the two before and the one behind it. A word that can only be a
 * name where it stands, behind a dot or behind {@code AS}, is never taken for a keyword.
 */
final class Tokens {

    private final String sql;
    private final Lexer lexer;
    private final Vocabulary vocabulary;
    private final Functions functions;

    private final Placeholders placeholders = new Placeholders();
    private Keyword beforePrevious = Keyword.NONE;
    private Token previous = Token.SEMICOLON;
    private Word previousWord = Word.NAME;
    private Token current = Token.SEMICOLON;
    private Word currentWord = Word.NAME;
    private Word currentRaw = Word.NAME;
    private int start;
    private int end;
    private Token next;
    private int nextStart;
    private int nextEnd;
    private int nextHash;

    Tokens(String sql, char[] text, SqlDialect dialect, int settings, Functions functions) {
        this.sql = sql;
        this.functions = functions;
        this.lexer = new Lexer(sql, text, dialect, settings);
        this.vocabulary = Vocabulary.of(dialect);
        this.next = read();
    }

    /** Moves on by one token; behind the end of a statement nothing of it is remembered. */
    void advance() {
        boolean ended = current.endsStatement();
        beforePrevious = ended ? Keyword.NONE : previousWord.keyword();
        previous = ended ? Token.SEMICOLON : current;
        previousWord = ended ? Word.NAME : currentWord;
        current = next;
        start = nextStart;
        end = nextEnd;
        int hash = nextHash;
        if (current == Token.PARAMETER) {
            placeholders.add(lexer.text(), start, end);
        }
        currentRaw = current == Token.WORD ? vocabulary.word(lexer.text(), start, end, hash) : Word.NAME;
        boolean name = previous == Token.DOT || previousWord.keyword() == Keyword.AS;
        currentWord = name ? Word.NAME : currentRaw;
        next = read();
    }

    /** Moves on to the first token of the next statement that is not empty; returns whether there is one. */
    boolean skipToStatement() {
        while (current == Token.SEMICOLON) {
            advance();
        }
        return current != Token.END && current != Token.UNREADABLE;
    }

    /** Moves on to the end of the text, past the ends of statements. */
    void skipText() {
        while (current != Token.END && current != Token.UNREADABLE) {
            advance();
        }
    }

    private Token read() {
        Token token = lexer.next();
        nextStart = lexer.start();
        nextEnd = lexer.end();
        nextHash = lexer.hash();
        return token;
    }

    Token current() {
        return current;
    }

    /** Returns what is known of the current word where it stands. */
    Word word() {
        return currentWord;
    }

    /** Returns what is known of the current word wherever it stood. */
    Word rawWord() {
        return currentRaw;
    }

    Keyword keyword() {
        return currentWord.keyword();
    }

    Token previous() {
        return previous;
    }

    Word previousWord() {
        return previousWord;
    }

    boolean follows(Keyword keyword) {
        return previousWord.keyword() == keyword;
    }

    boolean follows(Keyword first, Keyword second) {
        return previousWord.keyword() == second && beforePrevious == first;
    }

    Token next() {
        return next;
    }

    /** Returns what is known of the next word, if it is one. */
    Word nextWord() {
        return next == Token.WORD ? vocabulary.word(lexer.text(), nextStart, nextEnd, nextHash) : Word.NAME;
    }

    /** Returns the last part of the current token behind a dot, as a word. */
    Word lastPart() {
        int from = end;
        while (from > start && isNamePart(sql.charAt(from - 1))) {
            from--;
        }
        return vocabulary.word(lexer.text(), from, end);
    }

    private static boolean isNamePart(char c) {
        return c != '.' && c != '@';
    }

    /** Returns what is known of the functions that the text may call. */
    Functions functions() {
        return functions;
    }

    String text() {
        return sql.substring(start, end);
    }

    @Nullable
    RoutingComment routingComment() {
        return lexer.routingComment();
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    /** Returns the current token as a name, unquoted, and in lower case where its case does not count. */
    String name() {
        return lexer.name(text(), current == Token.QUOTED_NAME);
    }

    /** Returns how many different parameters have come so far. */
    int placeholders() {
        return placeholders.count();
    }

    /** Returns which settings of the server, if they were the other way round, might have given other tokens. */
    int doubts() {
        return lexer.doubts();
    }

    /** Returns whether a server with these settings refuses the text as well. */
    boolean isError() {
        return lexer.isError();
    }

    String problem() {
        return lexer.problem();
    }
}
