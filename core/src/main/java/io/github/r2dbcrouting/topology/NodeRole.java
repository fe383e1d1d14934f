package io.github.r2dbcrouting.topology;

/** What a node was observed to be; never configured. */
public enum NodeRole {
    /** Accepts writes. */
    PRIMARY,
    /** Replays another node's changes and refuses writes. */
    REPLICA,
    /** Not observed yet, or not told by the server. */
    UNKNOWN
}
