package io.github.r2dbcrouting.sql;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Splits a text into tokens, in one pass and without copying. It follows the lexical rules of the server as they are by
 * default; where a setting of the server could move the end of a literal, the text is unreadable rather than guessed at.
 */
final class Lexer {

    /** Which characters of ASCII are part of a word. */
    private static final boolean[] WORD_PART = wordParts();

    private final String sql;
    private final char[] text;
    private final int length;
    private final boolean mysql;
    private final Blanks blanks;
    private int position;
    private int start;
    private int end;
    private Token last = Token.SEMICOLON;
    private String problem = "";

    Lexer(String sql, SqlDialect dialect) {
        this.sql = sql;
        this.length = sql.length();
        this.mysql = dialect != SqlDialect.POSTGRESQL;
        // An array with an end that nobody has to look out for is read much faster than a String.
        this.text = new char[length + Blanks.LOOK_AHEAD];
        sql.getChars(0, length, text, 0);
        this.blanks = new Blanks(sql, text, mysql);
    }

    /** Returns where the last token begins; inside the quotes for a quoted name. */
    int start() {
        return start;
    }

    /** Returns where the last token ends, exclusive. */
    int end() {
        return end;
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
        return quoted ? name : Vocabulary.lower(name);
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

    /** Reads the next token; an end is returned again and again. */
    Token next() {
        position = blanks.skip(position);
        Token token = position == Blanks.UNREADABLE ? unreadable(blanks.problem()) : token();
        if (token == Token.UNREADABLE) {
            position = length;
        }
        if (token != Token.QUOTED_NAME) {
            end = position;
        }
        last = token;
        return token;
    }

    private Token token() {
        start = position;
        if (position >= length) {
            return problem.isEmpty() ? Token.END : Token.UNREADABLE;
        }
        char c = text[position];
        if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            return number();
        }
        if (isWordPart(c) && (mysql || c != '$')) {
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
            case '\'' -> string('\'', mysql, Token.STRING);
            case '"' -> mysql ? string('"', false, Token.STRING) : quotedName('"');
            case '`' -> mysql ? quotedName('`') : Token.SYMBOL;
            case ':' -> colon();
            case '@' -> mysql ? variable() : Token.SYMBOL;
            case '$' -> dollar();
            case '\\' -> unreadable("a backslash outside a string");
            default -> c < ' ' || c == 0x7f ? unreadable("a control character") : Token.SYMBOL;
        };
    }

    private Token word() {
        skipWordParts();
        boolean escapes = !mysql && position - start == 1 && (text[start] | 0x20) == 'e' && peek(0) == '\'';
        if (escapes) {
            position++;
            return string('\'', true, Token.STRING);
        }
        return Token.WORD;
    }

    private Token number() {
        if (peek(0) == '0' && ((peek(1) | 0x20) == 'x' || (peek(1) | 0x20) == 'b' || (peek(1) | 0x20) == 'o')) {
            position += 2;
            while (isDigit(peek(0)) || ((peek(0) | 0x20) >= 'a' && (peek(0) | 0x20) <= 'f')) {
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
                    && (isDigit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && isDigit(peek(2))))) {
                position += 2;
                skipDigits();
            }
        }
        return isWordPart(text[position]) ? unreadable("a number that runs into a word") : Token.NUMBER;
    }

    private void skipDigits() {
        while (isDigit(peek(0))) {
            position++;
        }
    }

    /** Reads a string whose opening quote has been read. A doubled quote stands for one. */
    private Token string(char quote, boolean backslashEscapes, Token token) {
        while (position < length) {
            char c = text[position++];
            if (c == quote) {
                if (peek(0) != quote) {
                    return token;
                }
                position++;
            } else if (c == '\\') {
                // standard_conforming_strings, or ANSI_QUOTES in MySQL, decides whether such a quote ends the literal.
                if (!backslashEscapes && peek(0) == quote && !isLoneBackslash()) {
                    return unreadable("a backslash before a quote, whose meaning the server's settings decide");
                }
                if (peek(0) != 0 && (backslashEscapes || peek(0) != quote)) {
                    position++;
                }
            } else if (c == 0) {
                return unreadable("a NUL character");
            }
        }
        return unreadable("an unterminated string");
    }

    /**
     * Returns whether the literal is the one of {@code LIKE … ESCAPE '\'}, which nobody writes to mean anything else. Right
     * behind another literal it may go on with that one, escapes included.
     */
    private boolean isLoneBackslash() {
        return !mysql && position == start + 2 && peek(1) != '\'' && last != Token.STRING;
    }

    private Token quotedName(char quote) {
        start = position;
        while (position < length) {
            char c = text[position++];
            if (c == quote) {
                if (peek(0) != quote) {
                    end = position - 1;
                    return Token.QUOTED_NAME;
                }
                position++;
            } else if (c == 0) {
                return unreadable("a NUL character");
            }
        }
        return unreadable("an unterminated name");
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
        if (mysql && isWordPart(c)) {
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
        while (isWordPart(peek(0)) || peek(0) == '.') {
            position++;
        }
        return position - start == 2 ? unreadable("a quoted system variable") : Token.SYSTEM_VARIABLE;
    }

    private Token userVariable() {
        char c = peek(0);
        if (c == '\'' || c == '"' || c == '`') {
            position++;
            return string(c, c == '\'', Token.USER_VARIABLE);
        }
        while (isWordPart(peek(0)) || peek(0) == '.') {
            position++;
        }
        return Token.USER_VARIABLE;
    }

    /** Reads a parameter of PostgreSQL ({@code $1}) or a dollar-quoted string ({@code $tag$…$tag$}). */
    private Token dollar() {
        if (isDigit(peek(0))) {
            skipDigits();
            return isWordPart(peek(0)) ? unreadable("a parameter that runs into a word") : Token.PARAMETER;
        }
        while (isWordPart(peek(0)) && peek(0) != '$') {
            position++;
        }
        if (peek(0) != '$') {
            return unreadable("a stray dollar sign");
        }
        String delimiter = sql.substring(start, ++position);
        int close = sql.indexOf(delimiter, position);
        if (close < 0) {
            return unreadable("an unterminated dollar-quoted string");
        }
        int nul = sql.indexOf(0, position);
        if (nul >= 0 && nul < close) {
            return unreadable("a NUL character");
        }
        position = close + delimiter.length();
        return Token.STRING;
    }

    private void skipWordParts() {
        while (isWordPart(peek(0))) {
            position++;
        }
    }

    /** Returns the character that many places ahead, or 0 behind the end. */
    private char peek(int ahead) {
        return text[position + ahead];
    }

    private Token unreadable(String what) {
        problem = what;
        return Token.UNREADABLE;
    }

    /** The servers take every character beyond ASCII for a letter. */
    private static boolean isWordPart(char c) {
        return c >= WORD_PART.length || WORD_PART[c];
    }

    private static boolean[] wordParts() {
        boolean[] parts = new boolean[0x80];
        for (char c = 0; c < parts.length; c++) {
            parts[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_' || c == '$';
        }
        return parts;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
