package io.github.r2dbcrouting.session;

/**
 * How often reads had to wait for a replica to show what their session has seen, since the factory was made.
 *
 * @param waited reads that have waited, whatever came of it
 * @param inVain those of them that went to the primary when their patience was over
 * @param unpromising reads that went there at once, since those before had waited in vain
 * @param weakened reads at level {@code session} that went to the primary, for these reasons or because no replica was left, after their
 *     session had read on replicas, which may have shown it what the primary does not show yet
 * @param stale reads that were served by whatever replica there was, since there was no primary, or no room on it for a read of the
 *     factory's own session, and this is allowed
 */
public record CatchUpCounts(long waited, long inVain, long unpromising, long weakened, long stale) {}
