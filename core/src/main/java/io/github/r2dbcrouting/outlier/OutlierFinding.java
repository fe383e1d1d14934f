package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeId;

/**
 * That a node serves statements badly, though it may well answer its probes.
 *
 * @param node the node
 * @param generation the life of it in which that was found; it says nothing of another one
 * @param cause why
 * @param seen what was seen, such as {@code "5 node errors in a row"}
 */
public record OutlierFinding(NodeId node, long generation, Cause cause, String seen) {

    /** Why a node is left out. */
    public enum Cause {
        /** It fails statement after statement. */
        ERRORS,
        /** It is far slower than its peers, or answers nothing while they do. */
        LATENCY
    }
}
