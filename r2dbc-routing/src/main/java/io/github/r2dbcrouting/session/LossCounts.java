package io.github.r2dbcrouting.session;

/**
 * What failovers have cost sessions, since the factory was made. A session counts once for each failover at most.
 *
 * @param lost sessions that have seen a write which did not survive
 * @param unknown sessions that have seen something of which nobody can tell whether it survived
 */
public record LossCounts(long lost, long unknown) {}
