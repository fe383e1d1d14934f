package io.github.r2dbcrouting.sql;

import java.util.HashSet;
import java.util.Set;

/** Counts the different parameters of a text: {@code $1}, {@code ?} or {@code :name}. */
final class Placeholders {

    /** No protocol carries more. */
    private static final int MOST = 65_535;

    private int positions;
    private Set<String> names = Set.of();

    /** Takes the parameter that stands in a text from {@code start} to {@code end}, exclusive. */
    void add(char[] text, int start, int end) {
        switch (text[start]) {
            case '$' -> positions = Math.max(positions, number(text, start + 1, end));
            case ':' -> {
                if (names.isEmpty()) {
                    names = new HashSet<>();
                }
                if (names.size() < MOST) {
                    names.add(String.valueOf(text, start, end - start));
                }
            }
            default -> positions++;
        }
    }

    int count() {
        return Math.min(positions + names.size(), MOST);
    }

    private static int number(char[] text, int start, int end) {
        int number = 0;
        for (int i = start; i < end && number < MOST; i++) {
            number = 10 * number + text[i] - '0';
        }
        return Math.min(number, MOST);
    }
}
