package io.github.r2dbcrouting.position;

/**
 * The branch that a primary is on, back to where it left others, as far as that is known; immutable. What is known comes from
 * the server itself and from what was seen of it before it was promoted.
 */
public sealed interface Lineage extends BranchHistory permits LogLineage, GtidLineage, UnknownLineage {

    /** A primary of whose past nothing is known: positions compare on the same branch only. */
    Lineage UNKNOWN = new UnknownLineage();

    /** Returns what became of everything up to a position. */
    Fate fate(ReplicationPosition position);

    /** Returns whether a node at a position is on this branch, at its end and not only at a part that others share. */
    boolean isBranchOf(ReplicationPosition position);

    /** Returns whether this is the branch of an earlier primary, at a later time, rather than one that was begun since. */
    boolean continues(Lineage earlier);

    /**
     * Returns this with what was known earlier of the same branch of the same primary.
     *
     * @param earlier what {@link #continues} says yes to; anything else adds nothing
     */
    Lineage with(Lineage earlier);

    /**
     * Returns this with what is known of the branch of the primary before: how that came about, and that it ended.
     *
     * @param previous the last primary's
     */
    Lineage after(Lineage previous);

    /**
     * Returns this where another node has begun a branch of the same number: from now on only positions that bear the node's name are
     * on it. The same where positions tell branches apart by themselves.
     *
     * @param node the node that began this one
     */
    default Lineage named(String node) {
        return this;
    }

    /** Returns whether positions must bear a node's name to be on it. */
    default boolean isNamed() {
        return false;
    }

    /**
     * Returns this with what a promotion tells that was watched on one connection: the server cannot have been another one, or have
     * come back older, in between. The same where that tells no more than is known.
     *
     * @param asReplica where it had come on the branch of its primary
     * @param asPrimary where it was found afterwards
     */
    default Lineage risenFrom(ReplicationPosition asReplica, ReplicationPosition asPrimary) {
        return this;
    }

    /** Returns this when the primary has come to a position. */
    Lineage reaching(ReplicationPosition position);

    /** Returns a position on this branch with what is known of the branch, so that it can be told from others later. */
    ReplicationPosition stamped(ReplicationPosition position);

    /** Returns whether there is nothing left to be known, so that nobody need ask. */
    boolean isComplete();
}
