package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.benchmarks.load.ReadForm;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the contenders are compared at.
 *
 * @param form how the rows are read
 * @param readers how many read at the same time
 */
record OverheadCell(ReadForm form, int readers) {

    static List<OverheadCell> all() {
        return Arrays.stream(ReadForm.values())
                .flatMap(form -> Stream.of(1, 16, 64).map(readers -> new OverheadCell(form, readers)))
                .toList();
    }
}
