package io.github.r2dbcrouting.position;

/** What became of everything up to a position, as seen from the branch that the present primary is on. */
public enum Fate {
    /** It is part of the branch. */
    KEPT,
    /** Some of it is not, and never will be: another branch was gone on with, from a point before it. */
    LOST,
    /** It belongs to the past, and where the branches parted is not known well enough; never take it for kept. */
    UNKNOWN,
    /** It may belong to what has not been seen here yet, such as a promotion that others have noticed already. */
    PENDING
}
