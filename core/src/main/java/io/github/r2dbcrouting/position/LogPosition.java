package io.github.r2dbcrouting.position;

import java.util.Locale;

/**
 * A position in PostgreSQL's write-ahead log: a log sequence number on a branch.
 *
 * @param branch the branch on which the number counts; numbers of two branches do not compare
 * @param lsn the log sequence number as an unsigned 64-bit byte offset
 */
public record LogPosition(Branch branch, long lsn) implements ReplicationPosition {

    /**
     * Returns the number of a log sequence number in PostgreSQL's notation, two hexadecimal halves such as
     * {@code 0/16B3748}.
     *
     * @throws IllegalArgumentException if the text is not one
     */
    public static long parseLsn(String text) {
        int slash = text.indexOf('/');
        try {
            long high = Long.parseLong(text, 0, slash, 16);
            long low = Long.parseLong(text, slash + 1, text.length(), 16);
            if (((high | low) >>> 32) == 0) {
                return high << 32 | low;
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not a log sequence number such as 0/16B3748: '" + text + "'", e);
        }
        throw new IllegalArgumentException("a half of a log sequence number exceeds 32 bits: '" + text + "'");
    }

    /** Returns the position as PostgreSQL writes it, with its timeline: {@code 0/16B3748@1}. */
    @Override
    public String toString() {
        return Long.toHexString(lsn >>> 32).toUpperCase(Locale.ROOT) + "/"
                + Long.toHexString(lsn & 0xFFFF_FFFFL).toUpperCase(Locale.ROOT) + "@" + branch.timeline();
    }
}
