package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.sql.StatementProfile.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TableNamesTests {

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void shouldFindTheTablesOfEachStatement(Row row) {
        StatementProfile profile = SqlClassifier.forDialect(row.dialect()).classify(row.sql());
        assertThat(inWords(profile.tables())).as(profile.reason()).isEqualTo(row.expected());
    }

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (String line : StatementTable.lines("tables")) {
            String[] parts = line.split("\\|", 3);
            for (SqlDialect dialect : dialects(parts[0].strip())) {
                rows.add(new Row(dialect, parts[1].strip(), parts[2].strip()));
            }
        }
        return rows;
    }

    @Test
    void shouldRememberABoundedNumberOfTablesAndSayThatThereAreMore() {
        assertThat(tables(64, "t%d").read()).hasSize(64);
        assertThat(tables(64, "t%d").known()).isTrue();
        assertThat(tables(65, "t%d").read()).hasSize(64);
        assertThat(tables(65, "t%d").known()).isFalse();
    }

    @Test
    void shouldNotTakeNamesThatServersCutOff() {
        String name = "x".repeat(63);
        assertThat(tables(1, name)).isEqualTo(new Tables(Set.of(name), Set.of(), true));
        assertThat(tables(1, name + "y")).isEqualTo(Tables.UNKNOWN);
        assertThat(tables(1, (name + ".").repeat(100) + "t").known()).isFalse();
    }

    @Test
    void shouldNotTakeMoreTableExpressionsThanItCanCompare() {
        assertThat(classify(expressions(64) + "select * from x1").tables().known())
                .isTrue();
        assertThat(classify(expressions(65) + "select * from x1").tables().known())
                .isFalse();
    }

    private static String expressions(int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> "x" + i + " as (select 1)")
                .collect(Collectors.joining(", ", "with ", " "));
    }

    private static Tables tables(int number, String name) {
        return classify(IntStream.range(0, number)
                        .mapToObj(i -> name.formatted(i))
                        .collect(Collectors.joining(", ", "select * from ", "")))
                .tables();
    }

    private static StatementProfile classify(String sql) {
        return SqlClassifier.forDialect(SqlDialect.POSTGRESQL).classify(sql);
    }

    private static List<SqlDialect> dialects(String name) {
        return switch (name) {
            case "PG" -> List.of(SqlDialect.POSTGRESQL);
            case "MY" -> List.of(SqlDialect.MYSQL, SqlDialect.MARIADB);
            default -> List.of(SqlDialect.values());
        };
    }

    private static String inWords(Tables tables) {
        String read = String.join(", ", new TreeSet<>(tables.read()));
        String written = String.join(", ", new TreeSet<>(tables.written()));
        return (read + " -> " + written + (tables.known() ? "" : " ?"))
                .replaceAll(" +", " ")
                .strip();
    }

    record Row(SqlDialect dialect, String expected, String sql) {}
}
