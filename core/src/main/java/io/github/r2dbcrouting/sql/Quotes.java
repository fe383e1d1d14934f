package io.github.r2dbcrouting.sql;

import java.util.Arrays;

/** Finds where strings and quoted names end, by the rules of a server with certain settings. */
final class Quotes {

    /** {@code standard_conforming_strings} is off, {@code NO_BACKSLASH_ESCAPES} is on. */
    static final int OTHER_BACKSLASHES = 1;

    /** {@code ANSI_QUOTES} is on. */
    static final int OTHER_QUOTES = 2;

    /** The text ends first. */
    static final int ENDLESS = -1;

    private final char[] text;
    private final int length;
    private final boolean mysql;
    private final boolean escapes;
    private final boolean names;
    private boolean escapesGoOn;
    private int doubts;
    private boolean error;
    private String problem = "";

    /**
     * Prepares to find.
     *
     * @param text the characters, and one behind them at least
     * @param settings what is unlike the server's default: {@link #OTHER_BACKSLASHES}, {@link #OTHER_QUOTES}
     */
    Quotes(char[] text, int length, boolean mysql, int settings) {
        this.text = text;
        this.length = length;
        this.mysql = mysql;
        this.escapes = mysql != ((settings & OTHER_BACKSLASHES) != 0);
        this.names = !mysql || (settings & OTHER_QUOTES) != 0;
    }

    /** Returns which settings, if they were the other way round, might have given other tokens so far. */
    int doubts() {
        return doubts;
    }

    /** Returns whether the server refuses what has no end, if it has these settings. */
    boolean isError() {
        return error;
    }

    /** Returns why there is no end. */
    String problem() {
        return problem;
    }

    /**
     * Returns whether backslashes escape in a string right behind the last one: it goes on with that one, or, on the same
     * line, is an error.
     */
    boolean escapesGoOn() {
        return escapesGoOn;
    }

    /** Returns whether a name stands in double quotes, rather than a string. */
    boolean nameInDoubleQuotes() {
        doubts |= mysql ? OTHER_QUOTES : 0;
        return names;
    }

    /**
     * Returns the position behind a string, in which a doubled quote stands for one.
     *
     * @param from the position behind the quote that opens it
     * @param alwaysEscapes whether a backslash escapes whatever the settings are
     */
    int string(int from, char quote, boolean alwaysEscapes) {
        escapesGoOn = alwaysEscapes;
        int position = from;
        while (position < length) {
            char c = text[position++];
            if (c == quote) {
                if (text[position] != quote) {
                    return position;
                }
                position++;
            } else if (c == '\\') {
                char escaped = text[position];
                boolean decides = escaped == quote && !alwaysEscapes;
                doubts |= decides ? OTHER_BACKSLASHES : 0;
                if (escaped != 0 && (escapes || !decides)) {
                    position++;
                }
            } else if (c == 0) {
                return endless("a NUL character", false);
            }
        }
        return endless("an unterminated string", true);
    }

    /** Returns the position behind a name; in it a doubled quote stands for one. */
    int name(int from, char quote) {
        int position = from;
        while (position < length) {
            char c = text[position++];
            if (c == quote) {
                if (text[position] != quote) {
                    return position;
                }
                position++;
            } else if (c == 0) {
                return endless("a NUL character", false);
            }
        }
        return endless("an unterminated name", true);
    }

    /**
     * Returns the position behind a dollar-quoted string. Only the ends of the delimiter are dollar signs, so that no
     * character is compared twice.
     *
     * @param start where the delimiter begins
     * @param from where it ends
     */
    int dollar(int start, int from) {
        int delimiter = from - start;
        for (int i = from; i <= length - delimiter; i++) {
            if (text[i] == 0) {
                return endless("a NUL character", false);
            }
            if (text[i] == '$' && Arrays.equals(text, i, i + delimiter, text, start, from)) {
                escapesGoOn = false;
                return i + delimiter;
            }
        }
        return endless("an unterminated dollar-quoted string", true);
    }

    private int endless(String what, boolean refused) {
        problem = what;
        error = refused;
        return ENDLESS;
    }
}
