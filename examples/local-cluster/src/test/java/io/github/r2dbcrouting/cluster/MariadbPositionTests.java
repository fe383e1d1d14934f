package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MariadbPositionTests {

    @ParameterizedTest
    @CsvSource({
        "0-1-5, 0-1-5, true",
        "0-1-6, 0-1-5, true",
        "0-1-4, 0-1-5, false",
        "0-2-5, 0-1-5, false",
        "'', 0-1-5, false",
        "0-1-5, '', true",
        "'', '', true",
        "'0-1-5,1-1-3', '0-1-5,1-1-4', false",
        "'0-1-5,1-1-4', '1-1-4,0-1-5', true",
    })
    void shouldTellWhetherAPositionHasBeenReached(String own, String target, boolean reached) {
        assertThat(MariadbPosition.parse(own).hasReached(MariadbPosition.parse(target)))
                .isEqualTo(reached);
    }

    @ParameterizedTest
    @CsvSource({
        "0-1-5, 0-1-5, false",
        "0-1-4, 0-2-5, false",
        "'', 0-1-5, false",
        "0-1-6, 0-1-5, true",
        "0-2-5, 0-1-5, true",
        "1-1-1, 0-1-5, true",
        "'0-1-5,1-1-4', '0-1-5,1-1-3', true",
    })
    void shouldTellWhoHasGoneAnotherWay(String own, String other, boolean another) {
        assertThat(MariadbPosition.parse(own).isNotOnTheWayTo(MariadbPosition.parse(other)))
                .isEqualTo(another);
    }
}
