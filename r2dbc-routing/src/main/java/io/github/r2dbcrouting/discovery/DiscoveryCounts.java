package io.github.r2dbcrouting.discovery;

/**
 * What discovery has done since the factory was made.
 *
 * @param answers how often it was told the nodes
 * @param failures how often it was not, or was told of none: then the nodes of before stayed
 * @param added how many nodes it has added
 * @param removed how many nodes it has removed
 */
public record DiscoveryCounts(long answers, long failures, long added, long removed) {

    /** Nothing is discovered. */
    public static final DiscoveryCounts NONE = new DiscoveryCounts(0, 0, 0, 0);
}
