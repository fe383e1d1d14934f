package io.github.r2dbcrouting.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Where the demo writes: plain lines, no colours. */
final class Page {

    private static final String INDENT = "   ";

    private final PrintStream out;

    Page(PrintStream out) {
        this.out = out;
    }

    void title(String text) {
        out.println();
        out.println(text);
    }

    void line(String text) {
        out.println(INDENT + text);
    }

    void blank() {
        out.println();
    }

    /** Prints rows of equally many cells under one another; the first one holds the headings. */
    void table(List<List<String>> rows) {
        int columns = rows.get(0).size();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                int at = column;
                int width = rows.stream()
                        .mapToInt(cells -> cells.get(at).length())
                        .max()
                        .orElse(0);
                line.append(String.format(Locale.ROOT, "%-" + (width + 3) + "s", row.get(column)));
            }
            line(line.toString().stripTrailing());
        }
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
