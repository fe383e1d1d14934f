package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.selection.Overrides;
import java.util.concurrent.atomic.AtomicLong;

/** Numbers from 0 to 99 for sessions, by which a share of them is told from the others. */
public final class Lots {

    /** 2⁶⁴ divided by the golden ratio: its multiples fill a range more evenly than chance does, after any number of them. */
    private static final long STEP = 0x9E37_79B9_7F4A_7C15L;

    private final AtomicLong drawn = new AtomicLong();

    /** Draws the next one. */
    public int next() {
        return lot(drawn.addAndGet(STEP));
    }

    /** Returns that of a key: the same whenever and wherever it is asked for. */
    public static int of(String key) {
        return lot(key.hashCode() * STEP);
    }

    private static int lot(long bits) {
        return (int) ((bits >>> 32) * Overrides.LOTS >>> 32);
    }
}
