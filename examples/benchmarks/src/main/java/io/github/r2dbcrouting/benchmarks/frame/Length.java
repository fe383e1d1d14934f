package io.github.r2dbcrouting.benchmarks.frame;

import java.util.Locale;

/** How long a benchmark may take for its answer. */
public enum Length {
    /** A rougher answer within 45 s. */
    QUICK,
    /** What the reach is held against. */
    USUAL,
    /** For those who doubt: ten times as much where that says more, else as usual. */
    LONG;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
