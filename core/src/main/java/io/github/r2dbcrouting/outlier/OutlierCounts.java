package io.github.r2dbcrouting.outlier;

/**
 * How often nodes were left out or held back.
 *
 * @param failing how often a replica was left out since it failed statement after statement
 * @param slow how often since it was far slower than its peers
 * @param flapping how often a node was held back since it came and went
 * @param leftOut how many nodes are left out or held back now
 */
public record OutlierCounts(long failing, long slow, long flapping, int leftOut) {}
