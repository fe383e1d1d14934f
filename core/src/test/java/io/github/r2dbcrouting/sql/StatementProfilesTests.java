package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatementProfilesTests {

    private final List<String> classified = new ArrayList<>();
    private final SqlClassifier counting = sql -> {
        classified.add(sql);
        return StatementProfile.of(Access.READ, sql, Traits.NONE);
    };

    @Test
    void shouldClassifyATextOnceThoughItComesInAFreshString() {
        StatementProfiles profiles = StatementProfiles.of(counting, 10);
        StatementProfile first = profiles.profile(new String("select 1"));
        assertThat(first.reason()).isEqualTo("select 1");
        assertThat(profiles.profile(new String("select 1"))).isSameAs(first);
        assertThat(classified).containsExactly("select 1");
    }

    @Test
    void shouldForgetTextsBeyondTheirNumber() {
        StatementProfiles profiles = StatementProfiles.of(counting, 5);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 50; i++) {
                profiles.profile("select " + i);
            }
        }
        assertThat(classified).hasSizeGreaterThan(50 + 40);
    }

    @Test
    void shouldNotRememberLongTexts() {
        StatementProfiles profiles = StatementProfiles.of(counting, 10);
        String text = "x".repeat(StatementProfiles.LONGEST_TEXT + 1);
        assertThat(profiles.profile(text).reason()).isEqualTo(text);
        profiles.profile(text);
        assertThat(classified).hasSize(2);
        String longest = "x".repeat(StatementProfiles.LONGEST_TEXT);
        profiles.profile(longest);
        profiles.profile(longest);
        assertThat(classified).hasSize(3);
    }

    @Test
    void shouldRememberThatATextWritesThoughItDoesNotLookSo() {
        StatementProfiles profiles = StatementProfiles.of(counting, 10);
        profiles.profile("select f()");
        profiles.learnWrite("select f()");
        StatementProfile learned = profiles.profile("select f()");
        assertThat(learned.access()).isEqualTo(Access.WRITE);
        assertThat(learned.altersSession()).isTrue();
        assertThat(learned.reason()).isEqualTo("refused by a read-only server");
    }

    @Test
    void shouldRememberOfALongTextOnlyThatItWrites() {
        StatementProfiles profiles = StatementProfiles.of(counting, 10);
        String text = "x".repeat(StatementProfiles.LONGEST_TEXT + 1);
        assertThat(profiles.profile(text).isRead()).isTrue();
        profiles.learnWrite(text);
        assertThat(profiles.profile(text).access()).isEqualTo(Access.WRITE);
        assertThat(profiles.isRefused(text)).isTrue();
        assertThat(profiles.isRefused(text + "x")).isFalse();
    }

    @Test
    void shouldRememberWritesThoughOtherTextsCome() {
        StatementProfiles profiles = StatementProfiles.of(counting, 1);
        profiles.learnWrite("select f()");
        for (int i = 0; i < 50; i++) {
            profiles.profile("select " + i);
        }
        assertThat(profiles.profile("select f()").access()).isEqualTo(Access.WRITE);
    }

    @Test
    void shouldWorkOutProfilesAnewByAnotherClassifierButKeepWhatServersRefused() {
        StatementProfiles profiles = StatementProfiles.of(counting, 10);
        profiles.profile("select 1");
        profiles.learnWrite("select f()");
        profiles.reclassify(sql -> StatementProfile.of(Access.UNKNOWN, "another", Traits.NONE));
        assertThat(profiles.profile("select 1").reason()).isEqualTo("another");
        assertThat(profiles.profile("select f()").access()).isEqualTo(Access.WRITE);
    }

    @Test
    void shouldTellOfUnknownFunctionsWheneverATextIsWorkedOut() {
        StatementProfiles profiles = StatementProfiles.of(SqlClassifier.forDialect(SqlDialect.POSTGRESQL), 10);
        List<Set<String>> told = new ArrayList<>();
        profiles.whenUnheardOf(told::add);
        profiles.profile("SELECT f(1)");
        profiles.profile("SELECT f(1)");
        profiles.profile("SELECT lower('a')");
        assertThat(told).containsExactly(Set.of("f"));
    }

    @Test
    void shouldRefuseToRememberNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StatementProfiles.of(counting, 0))
                .withMessage("the number of remembered texts must be at least 1, got 0");
        assertThat(StatementProfiles.of(counting, 1).profile("select 1")).isNotNull();
    }
}
