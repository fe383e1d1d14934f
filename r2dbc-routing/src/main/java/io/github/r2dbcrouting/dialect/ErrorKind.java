package io.github.r2dbcrouting.dialect;

/** What an error says about the node and about the statement. */
public enum ErrorKind {
    /** The node or the connection to it is at fault: another node may well answer. */
    NODE_FAULT,
    /** The node refused a write because it is, or this connection is, read-only; nothing was done. */
    READ_ONLY_REFUSAL,
    /** A replica cancelled the query because it was in the way of replay; another node may well answer. */
    RECOVERY_CONFLICT,
    /** A write was sent and its answer was lost. */
    OUTCOME_UNKNOWN,
    /** The node is alive but has no connection left; never a sign of death. */
    SATURATION,
    /** The statement itself, or the user's rights, are at fault; every node would say the same. */
    USER;

    /** Returns whether a read that has not delivered a row may run again on another node. */
    public boolean isRetryableElsewhere() {
        return this == NODE_FAULT || this == READ_ONLY_REFUSAL || this == RECOVERY_CONFLICT || this == SATURATION;
    }

    /** Returns what this kind means for a write that was in flight. */
    public ErrorKind duringWrite() {
        return this == NODE_FAULT ? OUTCOME_UNKNOWN : this;
    }
}
