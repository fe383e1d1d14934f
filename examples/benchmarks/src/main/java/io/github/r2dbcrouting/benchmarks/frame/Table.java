package io.github.r2dbcrouting.benchmarks.frame;

import java.util.ArrayList;
import java.util.List;

/** Rows of text under a heading, for a terminal. */
public final class Table {

    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... heading) {
        rows.add(List.of(heading));
    }

    public void add(String... cells) {
        if (cells.length != rows.get(0).size()) {
            throw new IllegalArgumentException("a row of " + cells.length + " under " + rows.get(0));
        }
        rows.add(List.of(cells));
    }

    /** Returns the heading and the rows, in the order of adding. */
    public List<List<String>> rows() {
        return List.copyOf(rows);
    }

    /** Returns the lines, the columns one below another: numbers to the right, all else to the left. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String blanks = " ".repeat(width(column) - row.get(column).length());
                line.append(isNumeric(column) ? blanks + row.get(column) : row.get(column) + blanks)
                        .append("  ");
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    private boolean isNumeric(int column) {
        return rows.stream().skip(1).allMatch(row -> row.get(column).matches("[-\\d.,\\[\\] %]*"));
    }
}
