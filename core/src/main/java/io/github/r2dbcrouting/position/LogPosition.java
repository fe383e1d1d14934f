package io.github.r2dbcrouting.position;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A position in PostgreSQL's write-ahead log: a log sequence number on a branch.
 *
 * @param branch the branch on which the number counts; numbers of two branches do not compare
 * @param lsn the log sequence number as an unsigned 64-bit byte offset
 */
public record LogPosition(Branch branch, long lsn) implements ReplicationPosition {

    private static final int HALF_DIGITS = 8;

    /**
     * Reads a log sequence number as PostgreSQL writes it: its two halves in hexadecimal, such as {@code 0/16B3748}.
     *
     * @return the number as an unsigned 64-bit byte offset
     * @throws IllegalArgumentException if the text is anything else
     */
    public static long parseLsn(String text) {
        int slash = text.indexOf('/');
        if (!isHalf(text, 0, slash) || !isHalf(text, slash + 1, text.length())) {
            throw new IllegalArgumentException("not a log sequence number: '" + text
                    + "'; expected two hexadecimal numbers of up to eight digits, such as 0/16B3748");
        }
        return Long.parseLong(text, 0, slash, 16) << 32 | Long.parseLong(text, slash + 1, text.length(), 16);
    }

    private static boolean isHalf(String text, int start, int end) {
        if (end <= start || end - start > HALF_DIGITS) {
            return false;
        }
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c > 'f' || Character.digit(c, 16) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns a log sequence number as PostgreSQL writes it, such as {@code 0/16B3748}. */
    public static String formatLsn(long lsn) {
        return (Long.toHexString(lsn >>> 32) + "/" + Long.toHexString(lsn & 0xffff_ffffL)).toUpperCase(Locale.ROOT);
    }

    /** {@inheritDoc} Two positions on one branch have one: the further of them. */
    @Override
    public @Nullable LogPosition merge(ReplicationPosition other) {
        if (!(other instanceof LogPosition that)) {
            return null;
        }
        Branch united = branch.unite(that.branch);
        if (united == null) {
            return null;
        }
        return new LogPosition(united, Long.compareUnsigned(lsn, that.lsn) >= 0 ? lsn : that.lsn);
    }

    /** Returns the number and its branch: {@code 0/16B3748@1}. */
    @Override
    public String toString() {
        return formatLsn(lsn) + "@" + branch;
    }
}
