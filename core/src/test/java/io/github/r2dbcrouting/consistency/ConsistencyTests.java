package io.github.r2dbcrouting.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsistencyTests {

    private static final List<Consistency> LEVELS = List.of(
            Consistency.eventual(),
            Consistency.bounded(Duration.ofSeconds(2)),
            Consistency.readYourWrites(),
            Consistency.session(),
            Consistency.strong());

    @Test
    void shouldBeReadAsItIsWritten() {
        assertThat(LEVELS)
                .allSatisfy(level ->
                        assertThat(Consistency.valueOf(level.toString())).isEqualTo(level));
        assertThat(Consistency.valueOf(" Bounded (500 ms) ")).isEqualTo(Consistency.bounded(Duration.ofMillis(500)));
    }

    @Test
    void shouldNameTheLevelsWhereThereIsNoneOfAName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Consistency.valueOf("causal"))
                .withMessage("no level of consistency is named 'causal'; use eventual, bounded(2s), readYourWrites,"
                        + " session or strong");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Consistency.valueOf("bounded(soon)"))
                .withMessage("'soon' is no duration; use 500ms, 2s, 1m or an ISO-8601 duration such as PT2S");
    }

    @Test
    void shouldRefuseABoundThatIsNoneAndOneWhereNoneBelongs() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Consistency.bounded(Duration.ZERO))
                .withMessageContaining("use strong() to allow none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Consistency(Consistency.Level.STRONG, Duration.ofSeconds(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Consistency(Consistency.Level.BOUNDED, null));
    }

    @Test
    void shouldReadDurationsOfEveryUnit() {
        assertThat(List.of("500ms", "2 S", "1m", "3h", "PT2S", "p1d").stream().map(DurationText::parse))
                .containsExactly(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(1),
                        Duration.ofHours(3),
                        Duration.ofSeconds(2),
                        Duration.ofDays(1));
        for (String none : List.of("", "2", "ms", "-1s", "1.5s", "2d", "1e3s")) {
            assertThatIllegalArgumentException().as(none).isThrownBy(() -> DurationText.parse(none));
        }
    }
}
