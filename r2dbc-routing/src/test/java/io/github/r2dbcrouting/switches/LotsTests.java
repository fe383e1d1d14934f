package io.github.r2dbcrouting.switches;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.selection.Overrides;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LotsTests {

    @ParameterizedTest
    @ValueSource(ints = {5, 25, 50})
    void shouldDrawAsManyBelowAShareAsTheShareSays(int share) {
        Lots lots = new Lots();
        for (int drawn = 1; drawn <= 10_000; drawn *= 10) {
            int below = (int) IntStream.range(0, drawn)
                    .filter(unused -> lots.next() < share)
                    .count();
            assertThat(Math.abs(below - drawn * share / 100.0))
                    .as("of %d", drawn)
                    .isLessThan(4);
        }
    }

    @Test
    void shouldDrawAsManyBelowAShareThoughOnlyEverySecondIsUsed() {
        Lots lots = new Lots();
        int below = (int) IntStream.range(0, 1_000)
                .filter(unused -> {
                    lots.next();
                    return lots.next() < 25;
                })
                .count();
        assertThat(below).isBetween(240, 260);
    }

    @Test
    void shouldGiveAKeyAlwaysTheSameLot() {
        assertThat(Lots.of("alice")).isEqualTo(Lots.of("alice")).isBetween(0, Overrides.LOTS - 1);
        int below = (int) IntStream.range(0, 10_000)
                .filter(number -> Lots.of("user" + number) < 25)
                .count();
        assertThat(below).isBetween(2_300, 2_700);
    }
}
