package io.github.r2dbcrouting.position;

/**
 * How far a node has come in its history of changes.
 *
 * <p>Positions are partially ordered: two of them may be incomparable, because they stand on different branches or
 * belong to different kinds of database. Whether one includes another is asked of a {@link BranchHistory}.
 */
public sealed interface ReplicationPosition permits LogPosition, MariaDbGtidPosition {}
