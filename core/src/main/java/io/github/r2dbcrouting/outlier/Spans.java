package io.github.r2dbcrouting.outlier;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Times as people read them. */
final class Spans {

    private Spans() {}

    /** Returns a time in the unit that suits it: {@code "5.2 s"}, {@code "140 ms"}, {@code "0.35 ms"}. */
    static String of(long nanos) {
        boolean seconds = nanos >= 1_000_000_000;
        BigDecimal number = BigDecimal.valueOf(nanos, seconds ? 9 : 6);
        int scale = seconds ? 1 : nanos >= 10_000_000 ? 0 : 2;
        return number.setScale(scale, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString()
                + (seconds ? " s" : " ms");
    }
}
