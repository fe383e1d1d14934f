package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.sql.FunctionCatalog.Entry;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a server says of its functions decides where the words of the dialect have nothing to say. */
class FunctionCatalogTests {

    private static final FunctionCatalog CATALOG = FunctionCatalog.of(List.of(
            new Entry("int4pl", true, true),
            new Entry("random", true, false),
            new Entry("pg_walfile_name", true, true),
            new Entry("pg_stat_reset", true, false),
            new Entry("balance_of", false, true),
            new Entry("twice", false, true),
            new Entry("twice", false, false),
            new Entry("upper", true, true),
            new Entry("upper", false, false),
            new Entry("Note", false, true),
            new Entry("note", false, false)));

    private final SqlClassifier postgresql = SqlClassifier.forDialect(SqlDialect.POSTGRESQL, CATALOG);
    private final SqlClassifier mariadb = SqlClassifier.forDialect(SqlDialect.MARIADB, CATALOG);

    @Test
    void shouldReadWithHarmlessFunctionsOfTheUsersOwn() {
        assertThat(access("SELECT balance_of(1), int4pl(1, 2)")).isEqualTo(Access.READ);
        assertThat(access("SELECT * FROM sales.balance_of(1)")).isEqualTo(Access.READ);
        assertThat(access("SELECT \"balance_of\"(1)")).isEqualTo(Access.READ);
        assertThat(access("SELECT BALANCE_OF(1)")).isEqualTo(Access.READ);
    }

    @Test
    void shouldTakeTheWorstOfAllFunctionsOfAName() {
        assertThat(access("SELECT twice(1)")).isEqualTo(Access.UNKNOWN);
    }

    @Test
    void shouldTakeAHarmlessWordForUnknownOnceAUserHasMadeAnotherFunctionOfThatName() {
        assertThat(access("SELECT upper('a')")).isEqualTo(Access.UNKNOWN);
        assertThat(access("SELECT pg_catalog.upper('a')")).isEqualTo(Access.READ);
        assertThat(access("SELECT lower('a')")).isEqualTo(Access.READ);
    }

    @Test
    void shouldKnowBetterThanTheServerOfBuiltInFunctions() {
        assertThat(access("SELECT random()")).isEqualTo(Access.READ);
        assertThat(access("SELECT pg_walfile_name('0/1')")).isNotEqualTo(Access.READ);
        assertThat(access("SELECT \"pg_walfile_name\"('0/1')")).isNotEqualTo(Access.READ);
    }

    @Test
    void shouldTellNamesApartByCaseOnlyWhereTheServerDoes() {
        assertThat(access("SELECT \"Note\"(1)")).isEqualTo(Access.READ);
        assertThat(access("SELECT Note(1)")).isEqualTo(Access.UNKNOWN);
        assertThat(mariadb.classify("SELECT `Balance_Of`(1)").access()).isEqualTo(Access.READ);
    }

    @Test
    void shouldNameTheFunctionsThatTheServerHasNotSpokenOf() {
        assertThat(postgresql
                        .classify("SELECT fresh(1), Other(2), \"Odd\"(3), twice(1)")
                        .unknownFunctions())
                .containsExactlyInAnyOrder("fresh", "other", "Odd");
        assertThat(postgresql.classify("SELECT fresh(1); SELECT other(1)").unknownFunctions())
                .containsExactlyInAnyOrder("fresh", "other");
        assertThat(postgresql.classify("SELECT balance_of(1)").unknownFunctions())
                .isEmpty();
    }

    @Test
    void shouldNameOnlyAFewOfMany() {
        StringBuilder text = new StringBuilder("SELECT 1");
        for (int i = 0; i < 1_000; i++) {
            text.append(", f").append(i).append("()");
        }
        assertThat(postgresql.classify(text.toString()).unknownFunctions()).hasSize(8);
    }

    @Test
    void shouldBeEqualToACatalogueThatSaysTheSame() {
        assertThat(FunctionCatalog.of(List.of(new Entry("a", false, true), new Entry("b", true, false))))
                .isEqualTo(FunctionCatalog.of(List.of(new Entry("b", true, false), new Entry("a", false, true))))
                .hasToString("catalogue of 2 functions, 1 of which may do more than read");
    }

    private Access access(String sql) {
        return postgresql.classify(sql).access();
    }
}
