package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatementProfilesTests {

    private final List<String> classified = new ArrayList<>();
    private final SqlClassifier counting = sql -> {
        classified.add(sql);
        return new StatementProfile(Access.READ, false, false, sql);
    };

    @Test
    void shouldClassifyATextOnceThoughItComesInAFreshString() {
        StatementProfiles profiles = StatementProfiles.of(counting, 10);
        StatementProfile first = profiles.profile(new String("select 1"));
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
        profiles.profile(text);
        profiles.profile(text);
        assertThat(classified).hasSize(2);
    }

    @Test
    void shouldRefuseToRememberNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StatementProfiles.of(counting, 0))
                .withMessage("the number of remembered texts must be at least 1, got 0");
    }
}
