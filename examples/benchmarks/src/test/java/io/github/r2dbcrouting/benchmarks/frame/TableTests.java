package io.github.r2dbcrouting.benchmarks.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TableTests {

    @Test
    void shouldPutWordsToTheLeftAndNumbersToTheRight() {
        Table table = new Table("form", "ratio");
        table.add("plain", "0.97");
        table.add("findById", "1");
        assertThat(table.toString().lines()).containsExactly("form      ratio", "plain      0.97", "findById      1");
    }

    @Test
    void shouldRefuseARowThatDoesNotFitTheHeading() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Table("form", "ratio").add("plain"));
    }
}
