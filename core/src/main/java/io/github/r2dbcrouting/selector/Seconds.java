package io.github.r2dbcrouting.selector;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations as people read them. */
public final class Seconds {

    private Seconds() {}

    /** Returns a duration to the millisecond: {@code 0.5 s}. */
    public static String of(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds())
                        .add(BigDecimal.valueOf(duration.getNano() / 1_000_000, 3))
                        .stripTrailingZeros()
                        .toPlainString()
                + " s";
    }
}
