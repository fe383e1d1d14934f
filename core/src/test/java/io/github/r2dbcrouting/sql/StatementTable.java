package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A statement and what it is, as written in the tables under {@code statements}. */
record StatementTable(SqlDialect dialect, String expected, String sql) {

    /** Returns every row of every table, once for each dialect that the table is about. */
    static List<StatementTable> rows() {
        List<StatementTable> rows = new ArrayList<>();
        for (SqlDialect dialect : SqlDialect.values()) {
            read("every-dialect", dialect, rows);
            read(dialect == SqlDialect.POSTGRESQL ? "postgresql" : "mysql", dialect, rows);
        }
        return rows;
    }

    boolean isRead() {
        return expected.equals("READ");
    }

    /** Returns a profile as the tables write it: {@code WRITE +ends +changes-schema}. */
    static String inWords(StatementProfile profile) {
        StringBuilder words = new StringBuilder(profile.access().name());
        for (Trait trait : Trait.values()) {
            if (profile.has(trait)) {
                words.append(" +").append(trait.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            }
        }
        return words.toString();
    }

    StatementProfile classify(String text) {
        return SqlClassifier.forDialect(dialect).classify(text);
    }

    private static void read(String name, SqlDialect dialect, List<StatementTable> rows) {
        lines(name).forEach(line -> rows.add(row(dialect, line)));
    }

    /** Returns the lines of a table, without its headings. */
    static List<String> lines(String name) {
        try (InputStream file = StatementTable.class.getResourceAsStream("/statements/" + name + ".txt")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read the table " + name, e);
        }
    }

    private static StatementTable row(SqlDialect dialect, String line) {
        int bar = line.indexOf('|');
        String sql = line.substring(bar + 1)
                .strip()
                .replace('⏎', '\n')
                .replace('␍', '\r')
                .replace('␀', '\0');
        return new StatementTable(dialect, line.substring(0, bar).strip(), sql);
    }

    @Override
    public String toString() {
        return dialect + ": " + sql + " is " + expected;
    }
}
