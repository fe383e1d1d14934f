package io.github.r2dbcrouting.sql;

import org.jspecify.annotations.Nullable;

/** Skips what stands between tokens: white space and comments, by the rules of each server. */
final class Blanks {

    /** A comment does not end, or the server executes it. */
    static final int UNREADABLE = -1;

    /** How many characters behind the end of a text may be looked at. */
    static final int LOOK_AHEAD = 4;

    private final String sql;
    private final char[] text;
    private final int length;
    private final boolean mysql;
    private int position;
    private boolean error;
    private String problem = "";
    private @Nullable RoutingCommentReader hints;

    /**
     * Prepares to skip.
     *
     * @param text the characters of {@code sql}, and some behind them
     */
    Blanks(String sql, char[] text, boolean mysql) {
        this.sql = sql;
        this.text = text;
        this.length = sql.length();
        this.mysql = mysql;
    }

    /** Returns why a comment made the text unreadable. */
    String problem() {
        return problem;
    }

    /** Returns what the comments that were skipped ask of the routing, or {@code null} for nothing. */
    @Nullable
    RoutingComment routingComment() {
        return hints == null ? null : hints.comment();
    }

    /** Returns whether the server refuses the comment too. */
    boolean isError() {
        return error;
    }

    /** Returns the first position from {@code from} on that is no blank, or {@link #UNREADABLE}. */
    int skip(int from) {
        position = from;
        while (position < length) {
            char c = text[position];
            if (c == ' ' || (c >= '\t' && c <= '\r')) {
                position++;
            } else if (c == '-' && peek(1) == '-' && (!mysql || isBlankOrEnd(position + 2))) {
                skipLine();
            } else if (c == '#' && mysql) {
                skipLine();
            } else if (c == '/' && peek(1) == '*') {
                if (!(mysql ? skipPlainComment() : skipNestedComment())) {
                    return UNREADABLE;
                }
            } else {
                return position;
            }
        }
        return position;
    }

    /** MySQL takes two dashes for a comment only before white space or a control character. */
    private boolean isBlankOrEnd(int index) {
        return index >= length || text[index] <= ' ' || text[index] == 0x7f;
    }

    /** PostgreSQL ends a line at a carriage return too, MySQL does not; at a NUL character the text becomes unreadable. */
    private void skipLine() {
        while (position < length) {
            char c = text[position];
            if (c == '\n' || (c == '\r' && !mysql) || c == 0) {
                return;
            }
            position++;
        }
    }

    private boolean skipPlainComment() {
        char kind = peek(2);
        if (kind == '!' || (kind == 'M' && peek(3) == '!')) {
            return unreadable("a comment that the server executes");
        }
        int close = position + 2;
        while (close < length && !(text[close] == '*' && text[close + 1] == '/')) {
            char c = text[close];
            boolean quote = kind == '+' && (c == '`' || c == '"' || c == '\'');
            close = quote ? behindQuoted(close) : close + 1;
            if (c == 0 || close == UNREADABLE) {
                return unreadable(
                        "a comment with a NUL character, or quotes in an optimizer hint that may hide its end");
            }
        }
        if (close >= length) {
            return unterminated();
        }
        if (kind == '+') {
            readHint(position + 3, close);
        }
        position = close + 2;
        return true;
    }

    /**
     * Returns the position behind what stands in quotes, unless the end of the comment stands there too: whether that counts
     * depends on whether the server takes the comment for an optimizer hint.
     */
    private int behindQuoted(int open) {
        char quote = text[open];
        for (int i = open + 1; i < length; i++) {
            char c = text[i];
            if (c == quote) {
                return i + 1;
            }
            if (c == 0 || c == '\\' || (c == '*' && text[i + 1] == '/')) {
                return UNREADABLE;
            }
        }
        return UNREADABLE;
    }

    private void readHint(int from, int to) {
        RoutingCommentReader reader = hints;
        if (reader == null) {
            reader = new RoutingCommentReader(sql);
            hints = reader;
        }
        reader.read(from, to);
    }

    private boolean skipNestedComment() {
        int start = position;
        int depth = 0;
        while (position < length) {
            char c = text[position];
            if (c == '/' && peek(1) == '*') {
                depth++;
                position += 2;
            } else if (c == '*' && peek(1) == '/') {
                depth--;
                position += 2;
                if (depth == 0) {
                    if (text[start + 2] == '+') {
                        readHint(start + 3, position - 2);
                    }
                    return true;
                }
            } else if (c == 0) {
                return unreadable("a NUL character");
            } else {
                position++;
            }
        }
        return unterminated();
    }

    private boolean unterminated() {
        error = true;
        return unreadable("an unterminated comment");
    }

    private boolean unreadable(String what) {
        problem = what;
        return false;
    }

    /** Returns the character that many places ahead, or 0 behind the end. */
    private char peek(int ahead) {
        return text[position + ahead];
    }
}
