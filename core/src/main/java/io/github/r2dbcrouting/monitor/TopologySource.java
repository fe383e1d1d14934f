package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.Topology;
import reactor.core.publisher.Flux;

/** What the path of a statement needs of the monitor. */
public interface TopologySource {

    /** Returns the latest snapshot: one volatile read. */
    Topology current();

    /**
     * Returns a hot {@link Flux} of the snapshots, the latest at once; a slow subscriber misses some but always gets the
     * newest. It completes when the source ends and never fails.
     */
    Flux<Topology> topology();

    /**
     * Asks for a probe of a node at once, because traffic failed on it. Never waits. A suspicion about an older life of
     * the node than the present one is ignored, so that a late error cannot harm its successor.
     *
     * @param generation the generation of the connection that failed
     */
    void suspect(NodeId node, long generation);

    /**
     * Asks for a sample of a node whose probe is sent after this call: at once, or right after the probe that is under way, which
     * nobody joins. However many ask before it is sent, there is only one. Never waits: the snapshot that has it comes with
     * {@link #topology()}.
     */
    void refresh(NodeId node);

    /**
     * Asks for such a sample, of which is known what it is to show.
     *
     * @param awaited what the node is to have covered, so that a server that can tells as soon as it has
     */
    default void refresh(NodeId node, PositionBound awaited) {
        refresh(node);
    }
}
