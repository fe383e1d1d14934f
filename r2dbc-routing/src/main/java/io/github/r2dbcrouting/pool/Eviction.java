package io.github.r2dbcrouting.pool;

/**
 * What became of the connections of a node that were to be closed.
 *
 * @param idle how many nobody had; they were closed
 * @param lent how many somebody had or was about to have: they are closed when they come back, or were cut off
 */
public record Eviction(int idle, int lent) {}
