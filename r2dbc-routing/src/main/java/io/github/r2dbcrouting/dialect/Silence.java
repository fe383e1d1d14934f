package io.github.r2dbcrouting.dialect;

import org.jspecify.annotations.Nullable;

/**
 * What is under way on a connection, since when it has given no sign of life, and whether that was told.
 *
 * @param since in nanoseconds of the factory's monotonic clock
 */
record Silence(ConnectionHolder holder, int progress, long since, boolean told) {

    /** Returns what follows when the connection is looked at again; {@code null} if nothing is under way. */
    static @Nullable Silence next(@Nullable Silence last, @Nullable ConnectionHolder holder, long now) {
        int progress = holder == null ? 0 : holder.progress();
        if (holder == null || progress == 0) {
            return null;
        }
        return last == null || last.holder != holder || last.progress != progress
                ? new Silence(holder, progress, now, false)
                : last;
    }

    /** Returns whether it is to be told that neither this nor the node was heard of for as long as this. */
    boolean isDue(long now, long heardAt, long nanos) {
        return !told && now - since >= nanos && now - heardAt >= nanos;
    }

    /** Returns the same after it was told. */
    Silence tell() {
        return new Silence(holder, progress, since, true);
    }
}
