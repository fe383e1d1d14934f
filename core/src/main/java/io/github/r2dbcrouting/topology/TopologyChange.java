package io.github.r2dbcrouting.topology;

/**
 * A change from one snapshot to the next; the two are never equal.
 *
 * @param previous the snapshot before
 * @param current the snapshot after
 */
public record TopologyChange(Topology previous, Topology current) {}
