package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a statement goes, and why. Cheap to make: the verdicts on the other nodes are worked out only when
 * {@link #verdicts()} is read.
 */
public final class RouteDecision {

    private final RouteRequest request;
    private final Topology topology;
    private final @Nullable NodeState node;
    private final String reason;
    private final Verdicts verdicts;

    RouteDecision(RouteRequest request, Topology topology, @Nullable NodeState node, String reason, Verdicts verdicts) {
        this.request = request;
        this.topology = topology;
        this.node = node;
        this.reason = reason;
        this.verdicts = verdicts;
    }

    /** Returns the chosen node, or {@code null} if the request is refused. */
    public @Nullable NodeState node() {
        return node;
    }

    public RouteRequest request() {
        return request;
    }

    /** Returns the snapshot from which the decision was made. */
    public Topology topology() {
        return topology;
    }

    /** Returns why the node was chosen, or why none was, in a few words such as {@code "an eligible replica"}. */
    public String reason() {
        return reason;
    }

    /** Returns for every node, in the topology's order, why it was or was not chosen. */
    public Map<NodeId, String> verdicts() {
        return verdicts.explain(this);
    }

    /** Returns the decision in one line: what was asked, the chosen node and why, and why not the others. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder()
                .append(request.access())
                .append(" -> ")
                .append(node == null ? "refused" : node.id())
                .append(": ")
                .append(reason);
        verdicts().forEach((id, verdict) -> {
            if (node == null || !node.id().equals(id)) {
                line.append(" | ").append(id).append(" ").append(verdict);
            }
        });
        return line.toString();
    }

    /** Explains a decision after the fact. */
    @FunctionalInterface
    interface Verdicts {
        Map<NodeId, String> explain(RouteDecision decision);
    }
}
