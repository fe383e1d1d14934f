package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
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
    private final @Nullable Refusal refusal;
    private final @Nullable Duration bound;
    private final Verdicts verdicts;
    private final @Nullable RouteDecision shadowed;

    /** Why there is no node. */
    public enum Refusal {
        /** None satisfies the request at this moment. */
        NO_NODE,
        /** A hint names a node or a region that does not exist. */
        UNKNOWN_NAME,
        /** The hints ask for what no node can give together, at any moment. */
        CONTRADICTION,
        /** A write, and the hints send it to a replica. */
        WRITE_ON_REPLICA
    }

    RouteDecision(
            RouteRequest request,
            Topology topology,
            @Nullable NodeState node,
            String reason,
            @Nullable Refusal refusal,
            @Nullable Duration bound,
            Verdicts verdicts) {
        this(request, topology, node, reason, refusal, bound, verdicts, null);
    }

    RouteDecision(
            RouteRequest request,
            Topology topology,
            @Nullable NodeState node,
            String reason,
            @Nullable Refusal refusal,
            @Nullable Duration bound,
            Verdicts verdicts,
            @Nullable RouteDecision shadowed) {
        this.request = request;
        this.topology = topology;
        this.node = node;
        this.reason = reason;
        this.refusal = refusal;
        this.bound = bound;
        this.verdicts = verdicts;
        this.shadowed = shadowed;
    }

    /**
     * Returns a decision that was settled before, since a connection to the node is pinned.
     *
     * @param node the node as the snapshot shows it
     * @param reason which pin it is
     */
    public static RouteDecision settled(RouteRequest request, Topology topology, NodeState node, String reason) {
        return new RouteDecision(request, topology, node, reason, null, null, RouteDecision::settledVerdicts);
    }

    private static Map<NodeId, String> settledVerdicts(RouteDecision decision) {
        Map<NodeId, String> verdicts = new LinkedHashMap<>();
        NodeState pinned = Objects.requireNonNull(decision.node);
        for (NodeState other : decision.topology.nodes()) {
            boolean chosen = other.id().equals(pinned.id());
            verdicts.put(other.id(), chosen ? "chosen: " + decision.reason : "not asked: the connection is pinned");
        }
        return Collections.unmodifiableMap(verdicts);
    }

    /**
     * Returns the decision without nodes that have no room at this moment, as they are not to be waited for while another one would do
     * as well. That is one of the same rung: as healthy, as near, and with what the request asks for. If there is none, or the node
     * was not picked from several, this is returned. The request stays as it is, since who has no room has not failed.
     *
     * @param crowded whether a node has no room
     */
    public RouteDecision past(Predicate<NodeState> crowded) {
        return node == null ? this : verdicts.past(this, node, crowded);
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

    /** Returns what kind of refusal it is, or {@code null} if a node was chosen. */
    public @Nullable Refusal refusal() {
        return refusal;
    }

    /** Returns how stale what a replica shows may be at most, or {@code null} if no such bound was asked for. */
    public @Nullable Duration bound() {
        return bound;
    }

    /** Returns what would have been decided if operators had not switched to shadow mode, or {@code null} if they have not. */
    public @Nullable RouteDecision shadowed() {
        return shadowed;
    }

    /**
     * Returns whether this is a read that a replica might have served and that goes to the primary because none can, though
     * there are other nodes. Where the primary is the only node there is, its reads are at home.
     */
    public boolean isFallback() {
        return request.access() == Access.READ && isInsteadOfReplica();
    }

    /**
     * Returns whether this goes to the primary because no replica can serve it, be it something that is not surely a read and that its
     * hints send to a replica.
     */
    public boolean isInsteadOfReplica() {
        NodeState leader = topology.primary();
        return node != null
                && node.role() == NodeRole.PRIMARY
                && leader != null
                && leader.id().equals(node.id())
                && topology.nodes().size() > 1
                && verdicts.wantReplica();
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

        /** Returns the decision for a node that would do as well as this one and has room, if there is one. */
        default RouteDecision past(RouteDecision decision, NodeState node, Predicate<NodeState> crowded) {
            return decision;
        }

        /** Returns whether a replica would have been preferred. */
        default boolean wantReplica() {
            return false;
        }
    }
}
