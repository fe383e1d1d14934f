package io.github.r2dbcrouting.pool;

/**
 * How often statements found no free connection to the node that was chosen for them, since the factory was made.
 *
 * @param spilled reads that went to another node instead of waiting
 * @param refused acquisitions that were turned away, since {@code acquireQueue} others waited
 * @param timedOut acquisitions that waited for {@code acquireTimeout} in vain
 */
public record CrowdCounts(long spilled, long refused, long timedOut) {}
