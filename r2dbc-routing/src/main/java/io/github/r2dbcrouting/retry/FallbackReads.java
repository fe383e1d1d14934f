package io.github.r2dbcrouting.retry;

/**
 * The reads that run on the primary because no replica can serve them. The numbers are read one after the other while reads come
 * and go, so they need not add up.
 *
 * @param running how many connections they have at this moment
 * @param waiting how many wait for one
 * @param most how many connections they have had at once at most, since the factory was made
 * @param limit how many they may have
 * @param admitted how many were let through
 * @param refused how many were not, since they had waited for too long or too many waited
 */
public record FallbackReads(int running, int waiting, int most, int limit, long admitted, long refused) {}
