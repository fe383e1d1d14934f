package io.github.r2dbcrouting.retry;

/**
 * What became of statements whose node failed them, counted since the factory was made. Those that every node would have failed
 * are not among them, nor those that must not be sent again, such as writes.
 *
 * @param sent how often a statement or a {@code BEGIN} was sent again
 * @param free how many of those cost nothing of the budget, since the first node had not executed them
 * @param refused how many were not sent again because the budget was spent; their errors say so
 * @param exhausted how many failed after as many retries, or as much time, as they are allowed
 */
public record RetryCounts(long sent, long free, long refused, long exhausted) {}
