package io.github.r2dbcrouting.sql;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Splits a text into tokens, in one pass and without copying, by the lexical rules of a server with certain settings. Notes
 * which other settings would give other tokens.
 */
final class Lexer {

    private final char[] text;
    private final int length;
    private final boolean mysql;
    private final Blanks blanks;
    private final Quotes quotes;
    private int position;
    private int start;
    private int end;
    private int hash;
    private Token last = Token.SEMICOLON;
    private boolean error;
    private String problem = "";

    /**
     * Prepares to read.
     *
     * @param text the characters of {@code sql}, and {@link Blanks#LOOK_AHEAD} behind them: an array with an end that nobody
     *     has to look out for is read much faster than a String
     * @param settings what is unlike the server's default: {@link Quotes#OTHER_BACKSLASHES}, {@link Quotes#OTHER_QUOTES}
     */
    Lexer(String sql, char[] text, SqlDialect dialect, int settings) {
        this.text = text;
        this.length = sql.length();
        this.mysql = dialect != SqlDialect.POSTGRESQL;
        this.blanks = new Blanks(sql, text, mysql);
        this.quotes = new Quotes(text, length, mysql, settings);
    }

    /** Returns where the last token begins; inside the quotes for a quoted name. */
    int start() {
        return start;
    }

    /** Returns where the last token ends, exclusive. */
    int end() {
        return end;
    }

    /** Returns the hash of the last word, as the vocabularies have it. */
    int hash() {
        return hash;
    }

    /** Returns the characters of the text, and some behind its end. */
    char[] text() {
        return text;
    }

    /** Returns a name as the server compares it: PostgreSQL folds unquoted ASCII, MySQL may tell no case from another. */
    String name(String written, boolean quoted) {
        String quote = mysql ? "`" : "\"";
        String name = quoted && written.contains(quote) ? written.replace(quote + quote, quote) : written;
        if (mysql) {
            return name.toLowerCase(Locale.ROOT);
        }
        return quoted ? name : Letters.lower(name);
    }

    /** Returns why the text became unreadable. */
    String problem() {
        return problem;
    }

    /** Returns what the comments so far ask of the routing, or {@code null} for nothing. */
    @Nullable
    RoutingComment routingComment() {
        return blanks.routingComment();
    }

    /** Returns which settings, if they were the other way round, might have given other tokens. */
    int doubts() {
        return quotes.doubts();
    }

    /** Returns whether the text became unreadable in such a way that the server refuses it too, if it has these settings. */
    boolean isError() {
        return error;
    }

    /** Reads the next token; an end is returned again and again. */
    Token next() {
        position = blanks.skip(position);
        Token token = position == Blanks.UNREADABLE ? endInComment() : token();
        if (token == Token.UNREADABLE) {
            position = length;
        }
        if (token != Token.QUOTED_NAME) {
            end = position;
        }
        last = token;
        return token;
    }

    private Token endInComment() {
        return blanks.isError() ? error(blanks.problem()) : unreadable(blanks.problem());
    }

    private Token token() {
        start = position;
        if (position >= length) {
            return problem.isEmpty() ? Token.END : Token.UNREADABLE;
        }
        char c = text[position];
        if (Letters.isDigit(c) || (c == '.' && Letters.isDigit(peek(1)))) {
            return number();
        }
        if (Letters.isWordPart(c) && (mysql || c != '$')) {
            return word();
        }
        position++;
        return other(c);
    }

    private Token other(char c) {
        return switch (c) {
            case '(' -> Token.LEFT_PARENTHESIS;
            case ')' -> Token.RIGHT_PARENTHESIS;
            case ']' -> Token.RIGHT_BRACKET;
            case ',' -> Token.COMMA;
            case '.' -> Token.DOT;
            case ';' -> Token.SEMICOLON;
            case '?' -> mysql ? Token.PARAMETER : Token.SYMBOL;
            case '\'' -> string('\'', last == Token.STRING && quotes.escapesGoOn());
            case '"' -> doubleQuote();
            case '`' -> mysql ? quotedName('`') : Token.SYMBOL;
            case ':' -> colon();
            case '@' -> mysql ? variable() : Token.SYMBOL;
            case '$' -> dollar();
            case '\\' -> error("a backslash outside a string");
            default -> c < ' ' || c == 0x7f ? unreadable("a control character") : Token.SYMBOL;
        };
    }

    private Token word() {
        int sum = 0;
        while (Letters.isWordPart(text[position])) {
            sum = Vocabulary.hash(sum, text[position]);
            position++;
        }
        hash = sum;
        boolean escapeString = !mysql && position - start == 1 && (text[start] | 0x20) == 'e' && peek(0) == '\'';
        if (escapeString) {
            position++;
            return string('\'', true);
        }
        return Token.WORD;
    }

    private Token number() {
        if (peek(0) == '0' && ((peek(1) | 0x20) == 'x' || (peek(1) | 0x20) == 'b' || (peek(1) | 0x20) == 'o')) {
            position += 2;
            while (Letters.isDigit(peek(0)) || ((peek(0) | 0x20) >= 'a' && (peek(0) | 0x20) <= 'f')) {
                position++;
            }
        } else {
            skipDigits();
            // The point belongs to the number even where nothing follows: in "5.FOR UPDATE" the word is no column.
            if (peek(0) == '.') {
                position++;
                skipDigits();
            }
            if ((peek(0) | 0x20) == 'e'
                    && (Letters.isDigit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && Letters.isDigit(peek(2))))) {
                position += 2;
                skipDigits();
            }
        }
        return Letters.isWordPart(text[position]) ? unreadable("a number that runs into a word") : Token.NUMBER;
    }

    private void skipDigits() {
        while (Letters.isDigit(peek(0))) {
            position++;
        }
    }

    private Token doubleQuote() {
        return quotes.nameInDoubleQuotes() ? quotedName('"') : string('"', false);
    }

    private Token string(char quote, boolean alwaysEscapes) {
        return behind(quotes.string(position, quote, alwaysEscapes), Token.STRING);
    }

    private Token quotedName(char quote) {
        start = position;
        Token token = behind(quotes.name(position, quote), Token.QUOTED_NAME);
        end = position - 1;
        return token;
    }

    /** Moves on behind what stood in quotes, if it ended. */
    private Token behind(int close, Token token) {
        if (close == Quotes.ENDLESS) {
            error = quotes.isError();
            return unreadable(quotes.problem());
        }
        position = close;
        return token;
    }

    private Token colon() {
        char c = peek(0);
        if (!mysql && c == ':') {
            position++;
            return Token.CAST;
        }
        if (mysql && c == '=') {
            position++;
            return Token.ASSIGNMENT;
        }
        if (mysql && Letters.isWordPart(c)) {
            skipWordParts();
            return Token.PARAMETER;
        }
        return Token.SYMBOL;
    }

    private Token variable() {
        if (peek(0) != '@') {
            return userVariable();
        }
        position++;
        while (Letters.isWordPart(peek(0)) || peek(0) == '.') {
            position++;
        }
        return position - start == 2 ? unreadable("a quoted system variable") : Token.SYSTEM_VARIABLE;
    }

    private Token userVariable() {
        char c = peek(0);
        if (c == '\'' || c == '"' || c == '`') {
            position++;
            Token quoted = c == '\'' ? string(c, false) : c == '"' ? doubleQuote() : quotedName(c);
            return quoted == Token.UNREADABLE ? quoted : Token.USER_VARIABLE;
        }
        while (Letters.isWordPart(peek(0)) || peek(0) == '.') {
            position++;
        }
        return Token.USER_VARIABLE;
    }

    /** Reads a parameter of PostgreSQL ({@code $1}) or a dollar-quoted string ({@code $tag$…$tag$}). */
    private Token dollar() {
        if (Letters.isDigit(peek(0))) {
            skipDigits();
            return Letters.isWordPart(peek(0)) ? unreadable("a parameter that runs into a word") : Token.PARAMETER;
        }
        while (Letters.isWordPart(peek(0)) && peek(0) != '$') {
            position++;
        }
        if (peek(0) != '$') {
            return unreadable("a stray dollar sign");
        }
        position++;
        return behind(quotes.dollar(start, position), Token.STRING);
    }

    private void skipWordParts() {
        while (Letters.isWordPart(peek(0))) {
            position++;
        }
    }

    /** Returns the character that many places ahead, or 0 behind the end. */
    private char peek(int ahead) {
        return text[position + ahead];
    }

    private Token error(String what) {
        error = true;
        return unreadable(what);
    }

    private Token unreadable(String what) {
        problem = what;
        return Token.UNREADABLE;
    }
}
