package io.github.r2dbcrouting.history;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one session did to one key, and when. The values of a key are only ever added, and each is added once.
 *
 * @param session who did it; the operations of a session do not overlap
 * @param kind what was done
 * @param key what it was done to
 * @param value what was added, never negative; 0 for a read
 * @param seen the values that a read returned, in ascending order; {@code null} for what adds
 * @param start when it began, on one clock for all sessions
 * @param end when it was answered
 * @param note where it went, to be read by people
 */
public record Operation(
        int session, Kind kind, int key, long value, long @Nullable [] seen, long start, long end, String note) {

    /** What was done, and with what result. */
    public enum Kind {
        /** A value was added, and this was acknowledged. */
        ADDED,
        /** A value was to be added, and whether it was is not known. */
        MAYBE_ADDED,
        /** The values were read. */
        READ
    }

    /** Returns an acknowledged addition. */
    public static Operation added(int session, int key, long value, long start, long end, String note) {
        return new Operation(session, Kind.ADDED, key, value, null, start, end, note);
    }

    /** Returns an addition of which is not known whether it took place. */
    public static Operation maybeAdded(int session, int key, long value, long start, long end, String note) {
        return new Operation(session, Kind.MAYBE_ADDED, key, value, null, start, end, note);
    }

    /** Returns a read; {@code seen} is sorted in place and kept. */
    public static Operation read(int session, int key, long[] seen, long start, long end, String note) {
        Arrays.sort(seen);
        return new Operation(session, Kind.READ, key, 0, seen, start, end, note);
    }

    /** Returns whether a read returned a value. */
    boolean shows(long wanted) {
        return seen != null && Arrays.binarySearch(seen, wanted) >= 0;
    }

    /** Returns it in one line. */
    @Override
    public String toString() {
        String what = switch (kind) {
            case ADDED -> "added " + value + " to";
            case MAYBE_ADDED -> "perhaps added " + value + " to";
            case READ -> "read " + Arrays.toString(seen) + " from";
        };
        return "session " + session + " " + what + " key " + key + " [" + start + " .. " + end + "] " + note;
    }
}
