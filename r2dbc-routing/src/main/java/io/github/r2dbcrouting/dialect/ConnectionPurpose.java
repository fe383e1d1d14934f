package io.github.r2dbcrouting.dialect;

/** What a physical connection is opened for. */
public enum ConnectionPurpose {
    /** Statements on the primary. */
    PRIMARY,
    /** Statements on a replica: opened read-only at the server, so that a misrouted write cannot land. */
    REPLICA,
    /** Probes, and cancelling at the server. */
    MONITOR,
    /** Commands to the node, as the control user. */
    CONTROL
}
