package io.github.r2dbcrouting.history;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one session did to one key, and when. The values of a key are only ever added, and each is added once. The operations of a
 * session may overlap.
 *
 * @param session who did it
 * @param kind what was done
 * @param key what it was done to
 * @param value what was added, never negative; 0 for a read
 * @param seen the values that a read returned, in ascending order; {@code null} for what adds
 * @param start when it began, on one clock in nanoseconds for all sessions
 * @param told when its session had the first sign that it took place, such as a returned row: from then on it relies on it; not
 *     after {@code end}
 * @param end when it was acknowledged or answered; {@link #NEVER} if nobody waited for that
 * @param onPrimary for a read, whether it was answered by the node that takes the writes: that may show a write before it shows
 *     another one which replicas show first, as long as nobody was told of that
 * @param note where it went, to be read by people
 */
public record Operation(
        int session,
        Kind kind,
        int key,
        long value,
        long @Nullable [] seen,
        long start,
        long told,
        long end,
        boolean onPrimary,
        String note) {

    /** The end of what nobody waited for. */
    public static final long NEVER = Long.MAX_VALUE;

    /** What was done, and with what result. */
    public enum Kind {
        /** A value was added, and its session was told so. */
        ADDED,
        /** A value was to be added, and whether it was is not known. */
        MAYBE_ADDED,
        /** The values were read. */
        READ,
        /** The values were read with the wish to see the latest. */
        READ_LATEST
    }

    /** Returns an acknowledged addition. */
    public static Operation added(int session, int key, long value, long start, long end, String note) {
        return added(session, key, value, start, end, end, note);
    }

    /** Returns an addition of which its session was told before it was acknowledged. */
    public static Operation added(int session, int key, long value, long start, long told, long end, String note) {
        return new Operation(session, Kind.ADDED, key, value, null, start, told, end, false, note);
    }

    /** Returns an addition of which is not known whether it took place; {@code told} may be {@link #NEVER}. */
    public static Operation maybeAdded(int session, int key, long value, long start, long told, String note) {
        return new Operation(session, Kind.MAYBE_ADDED, key, value, null, start, told, NEVER, false, note);
    }

    /** Returns a read; {@code seen} is sorted in place and kept. */
    public static Operation read(int session, int key, long[] seen, long start, long end, String note) {
        return read(Kind.READ, session, key, seen, start, end, note);
    }

    /** Returns a read that asked for the latest; {@code seen} is sorted in place and kept. */
    public static Operation readLatest(int session, int key, long[] seen, long start, long end, String note) {
        return read(Kind.READ_LATEST, session, key, seen, start, end, note);
    }

    private static Operation read(Kind kind, int session, int key, long[] seen, long start, long end, String note) {
        Arrays.sort(seen);
        return new Operation(session, kind, key, 0, seen, start, end, end, false, note);
    }

    /** Returns the same read, answered by the node that takes the writes. */
    public Operation byPrimary() {
        return new Operation(session, kind, key, value, seen, start, told, end, true, note);
    }

    boolean isRead() {
        return kind == Kind.READ || kind == Kind.READ_LATEST;
    }

    /** Returns whether a read returned a value. */
    boolean shows(long wanted) {
        return seen != null && Arrays.binarySearch(seen, wanted) >= 0;
    }
}
