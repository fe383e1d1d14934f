package io.github.r2dbcrouting.position;

/**
 * What is known of how branches descend from one another, and so which positions include which.
 */
@FunctionalInterface
public interface BranchHistory {

    /**
     * Returns whether {@code reached} includes everything up to {@code required}.
     *
     * @param reached the position that a node has reached
     * @param required the position that must be included
     */
    Coverage covers(ReplicationPosition reached, ReplicationPosition required);

    /** Returns a history that knows of no fork: positions compare on the same branch only. */
    static BranchHistory unknown() {
        return PositionOrder::covers;
    }
}
