package io.github.r2dbcrouting.session;

/**
 * How many sessions a process keeps by their keys, and what became of others.
 *
 * @param used how many are at work
 * @param idle how many are kept besides, at most {@code maxSessions}
 * @param begun how many keys came that had no session
 * @param doubted how many of these read on the primary at first, since one that may have been theirs was forgotten too early
 * @param evicted how many were forgotten because there were too many
 * @param evictedEarly how many of these within {@code sessionGrace} after their last use, with something to remember; raise
 *     {@code maxSessions} if there are many
 * @param expired how many were forgotten because nobody used them for {@code sessionTimeout}
 */
public record SessionCounts(
        long used, long idle, long begun, long doubted, long evicted, long evictedEarly, long expired) {}
