package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Classifies the texts of the tables under {@code statements}, and expects what stands before each of them. */
class ClassificationTests {

    private final SqlClassifier postgresql = SqlClassifier.forDialect(SqlDialect.POSTGRESQL);
    private final SqlClassifier mysql = SqlClassifier.forDialect(SqlDialect.MYSQL);

    @ParameterizedTest(name = "{0}")
    @MethodSource("statements")
    void shouldClassifyEachStatementOfTheTables(StatementTable row) {
        StatementProfile profile = row.classify(row.sql());
        assertThat(StatementTable.inWords(profile)).as(profile.reason()).isEqualTo(row.expected());
        assertThat(profile.reason()).isNotBlank();
        assertThat(profile.isRead()).isEqualTo(row.isRead());
    }

    static List<StatementTable> statements() {
        return StatementTable.rows();
    }

    @Test
    void shouldGiveTheReasonInAFewWords() {
        assertThat(reason("select my_function(1)")).isEqualTo("function my_function() is not known to be harmless");
        assertThat(reason("select nextval('s'), my_function(1)")).isEqualTo("function nextval() changes something");
        assertThat(reason("select * from t for update")).isEqualTo("locks rows");
        assertThat(reason("with x as (delete from t) select 1")).isEqualTo("changes data: DELETE");
        assertThat(reason("insert into t values (1)")).isEqualTo("insert");
        assertThat(reason("select 1; delete from t")).isEqualTo("several statements: delete");
        assertThat(reason("select 'x")).isEqualTo("cannot be read: an unterminated string");
        assertThat(reason("explain analyze delete from t")).isEqualTo("executes what it explains");
        assertThat(reason("explain delete from t")).isEqualTo("explains what is no read");
        assertThat(reason("flub")).isEqualTo("unknown statement: flub");
        assertThat(reason("")).isEqualTo("no statement");
        assertThat(reason("select 1")).isEqualTo("reads only");
        assertThat(mysql.classify("begin not atomic select 1; end").reason()).isEqualTo("begin");
    }

    @Test
    void shouldGiveTheFirstOfEquallyGoodReasons() {
        assertThat(reason("select one(1), other(2)")).isEqualTo("function one() is not known to be harmless");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '#',
            value = {
                "select \"x, an unterminated name",
                "select /* x, an unterminated comment",
                "select 1 $x, a stray dollar sign",
                "select $$x, an unterminated dollar-quoted string",
                "select 1x, a number that runs into a word",
            })
    void shouldSayWhyATextCannotBeRead(String sql, String problem) {
        assertThat(reason(sql)).isEqualTo("cannot be read: " + problem);
    }

    @Test
    void shouldSayTheSameOfACommentAndANameOfMysqlThatNeverEnd() {
        assertThat(mysql.classify("select /* x").reason()).isEqualTo("cannot be read: an unterminated comment");
        assertThat(mysql.classify("select `x").reason()).isEqualTo("cannot be read: an unterminated name");
    }

    /** As the servers do: what looks like a blank or a sign is part of the name of a function nobody knows. */
    @Test
    void shouldTakeEveryCharacterBeyondAsciiForALetter() {
        for (char c = 0x80; c <= 0xff; c++) {
            assertThat(reason("select lower" + c + "('X')")).contains("lower" + c + "() is not known");
        }
    }

    @Test
    void shouldKnowADeeplyNestedText() {
        String nested = "(".repeat(5_000) + "select 1" + ")".repeat(5_000);
        assertThat(postgresql.classify(nested).access()).isEqualTo(Access.READ);
        assertThat(mysql.classify("select " + nested).access()).isEqualTo(Access.READ);
    }

    @Test
    void shouldCountDifferentParameters() {
        assertThat(postgresql.classify("select $1, $3, $1 from t where a ? 'b'").placeholders())
                .isEqualTo(3);
        assertThat(postgresql.classify("select '$1', $99999999999").placeholders())
                .isEqualTo(65_535);
        assertThat(mysql.classify("select ?, '?', ? /* ? */").placeholders()).isEqualTo(2);
        assertThat(mysql.classify("select :a, :b, :a; select :c").placeholders())
                .isEqualTo(3);
        assertThat(postgresql.classify("select 1").placeholders()).isZero();
        assertThat(postgresql.classify("commit").placeholders()).isZero();
    }

    @Test
    void shouldNameTheFunctionsOfWhichNothingIsKnown() {
        assertThat(unknown("select my_function(1), S.Other(2), \"Quoted \"\"One\"(3), lower(x), nextval('s')"))
                .containsExactlyInAnyOrder("my_function", "other", "Quoted \"One");
        assertThat(unknown("insert into t (a) values (f(1)); select g(1)")).containsExactlyInAnyOrder("f", "g");
        assertThat(unknown("select a(1), b(1), c(1), d(1), e(1), f(1), g(1), h(1), i(1)"))
                .hasSize(8);
        assertThat(unknown("select * from t where a in (1)")).isEmpty();
    }

    private Set<String> unknown(String sql) {
        return postgresql.classify(sql).unknownFunctions();
    }

    @Test
    void shouldListTraitsInTheirOrder() {
        assertThat(postgresql.classify("commit and chain").traits()).hasToString("[BEGINS, ENDS]");
        assertThat(postgresql.classify("select 1").traits()).isEqualTo(Traits.NONE);
    }

    @Test
    void shouldSayWhichDialectItReads() {
        assertThat(mysql).hasToString("SQL classifier for MYSQL");
    }

    private String reason(String sql) {
        return postgresql.classify(sql).reason();
    }
}
