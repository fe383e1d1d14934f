package io.github.r2dbcrouting.benchmarks.routing;

/**
 * What the reads of one turn took.
 *
 * @param variant how they were balanced
 * @param round its number, from 0
 * @param reads how many ended
 * @param p50 the median in milliseconds
 * @param p99 what 1 % of them exceed
 * @param slowest the longest of all
 * @param onSlow how many were sent to the replica that is slow in some variants
 */
record TailTurn(TailVariant variant, int round, int reads, double p50, double p99, double slowest, int onSlow) {}
