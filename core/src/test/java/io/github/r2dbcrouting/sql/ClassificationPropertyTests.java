package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every text, or for every text of the tables. */
class ClassificationPropertyTests {

    private static final List<StatementTable> ROWS = StatementTable.rows();

    private static final List<String> FRAGMENTS = List.of(
            "select",
            "with",
            "x",
            "as",
            "(",
            ")",
            ",",
            ".",
            ";",
            "'",
            "\"",
            "`",
            "$$",
            "$a$",
            "$1",
            "?",
            ":",
            "::",
            ":=",
            "@",
            "@@",
            "@@x",
            "/*",
            "*/",
            "/*!",
            "--",
            "-- ",
            "#",
            "\n",
            "\r",
            "\\",
            "\0",
            "E'",
            "for",
            "update",
            "share",
            "into",
            "insert",
            "delete from t",
            "values",
            "set",
            "begin",
            "explain",
            "analyze",
            "create",
            "now()",
            "nextval('s')",
            "my_function (1)",
            "pg_catalog.",
            "1",
            "1.",
            ".5",
            "1e",
            "0x",
            "*",
            "é",
            "\uD800",
            "distinct on",
            "recursive",
            "materialized",
            "search",
            "not",
            "in",
            "lock",
            " ",
            "  ");

    @Test
    void shouldNeverFailOnAnyText() {
        for (long seed = 0; seed < 60_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(14); i > 0; i--) {
                text.append(any(random, FRAGMENTS)).append(random.nextBoolean() ? " " : "");
            }
            SqlDialect dialect = SqlDialect.values()[random.nextInt(3)];
            StatementProfile profile = SqlClassifier.forDialect(dialect).classify(text.toString());
            assertThat(profile.reason())
                    .as("seed %d, %s: %s", seed, dialect, text)
                    .isNotBlank();
            if (profile.isRead()) {
                assertThat(profile.altersSession() || profile.controlsTransaction())
                        .as("seed %d, %s: %s", seed, dialect, text)
                        .isFalse();
            }
        }
    }

    @Test
    void shouldNeverFailOnAPartOfATextOrOnAMixOfTwo() {
        for (long seed = 0; seed < 30_000; seed++) {
            Random random = new Random(seed);
            StatementTable one = any(random, ROWS);
            StatementTable two = any(random, ROWS);
            String text = one.sql().substring(0, random.nextInt(one.sql().length() + 1))
                    + two.sql().substring(random.nextInt(two.sql().length() + 1));
            assertThat(one.classify(text).access())
                    .as("seed %d: %s", seed, text)
                    .isNotNull();
        }
    }

    @Test
    void shouldNotDependOnCommentsBlanksOrASemicolonAround() {
        for (StatementTable row : ROWS) {
            StatementProfile plain = row.classify(row.sql());
            assertThat(row.classify("\t/* x */ -- y\n" + row.sql()))
                    .as(row.toString())
                    .isEqualTo(plain);
            assertThat(row.classify(row.sql() + "\n;\n-- z")).as(row.toString()).isEqualTo(plain);
        }
    }

    @Test
    void shouldNotDependOnTheCaseOfLetters() {
        for (StatementTable row : ROWS) {
            if (!row.sql().contains("/*m!")) {
                StatementProfile upper = row.classify(row.sql().toUpperCase(Locale.ROOT));
                assertThat(upper.access())
                        .as(row.toString())
                        .isEqualTo(row.classify(row.sql()).access());
            }
        }
    }

    @Test
    void shouldTakeAnyTextWithinALiteralForPartOfTheLiteral() {
        for (StatementTable row : ROWS) {
            if (row.sql().indexOf('\\') < 0 && row.sql().indexOf('\0') < 0) {
                String literal = "select '" + row.sql().replace("'", "''") + "' as x";
                assertThat(row.classify(literal).access()).as(literal).isEqualTo(Access.READ);
            }
        }
    }

    @Test
    void shouldTakeNoReadTogetherWithAnotherStatementForARead() {
        for (StatementTable row : ROWS) {
            for (String other : List.of("select 1", "delete from t", "commit", "select my_function(1)")) {
                if (!row.sql().isBlank() && !row.expected().equals("UNKNOWN")) {
                    assertThat(row.classify(row.sql() + "\n;" + other).isRead())
                            .as(row + " and " + other)
                            .isFalse();
                    assertThat(row.classify(other + ";" + row.sql()).isRead())
                            .as(other + " and " + row)
                            .isFalse();
                }
            }
        }
    }

    @Test
    void shouldFindInParenthesesWhatItFindsOutside() {
        for (StatementTable row : ROWS) {
            if (!row.isRead()
                    && row.sql().startsWith("select ")
                    && !row.sql().contains(")")
                    && row.sql().indexOf(';') < 0) {
                for (String outer : List.of(
                        "(%s\n)",
                        "select * from (%s\n) as x",
                        "with x as (%s\n) select 1",
                        "select 1 where exists (%s\n)",
                        "explain analyze %s")) {
                    String text = outer.formatted(row.sql());
                    assertThat(row.classify(text).isRead())
                            .as(row.dialect() + ": " + text)
                            .isFalse();
                }
            }
        }
    }

    private static <T> T any(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
