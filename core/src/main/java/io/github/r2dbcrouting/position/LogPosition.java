package io.github.r2dbcrouting.position;

/**
 * A position in PostgreSQL's write-ahead log: a log sequence number on a branch.
 *
 * @param branch the branch on which the number counts; numbers of two branches do not compare
 * @param lsn the log sequence number as an unsigned 64-bit byte offset
 */
public record LogPosition(Branch branch, long lsn) implements ReplicationPosition {}
