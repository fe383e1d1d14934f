package io.github.r2dbcrouting.sql;

/** Tells characters apart as the servers do. */
final class Letters {

    private static final boolean[] WORD_PARTS = wordParts();

    private Letters() {}

    /** Returns whether a character may be part of a word. The servers take every one beyond ASCII for a letter. */
    static boolean isWordPart(char c) {
        return c >= WORD_PARTS.length || WORD_PARTS[c];
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Returns a character in lower case if it belongs to ASCII, which is what the servers fold keywords by. */
    static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }

    /** Returns a text with the capital letters of ASCII in lower case, and no others. */
    static String lower(String text) {
        int first = 0;
        while (first < text.length() && text.charAt(first) == lower(text.charAt(first))) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        char[] letters = text.toCharArray();
        for (int i = first; i < letters.length; i++) {
            letters[i] = lower(letters[i]);
        }
        return String.valueOf(letters);
    }

    private static boolean[] wordParts() {
        boolean[] parts = new boolean[0x80];
        for (char c = 0; c < parts.length; c++) {
            parts[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_' || c == '$';
        }
        return parts;
    }
}
