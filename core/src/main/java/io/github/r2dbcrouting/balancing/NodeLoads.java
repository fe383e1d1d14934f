package io.github.r2dbcrouting.balancing;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The live numbers of all nodes of a factory, each made when it is first asked for. */
public final class NodeLoads {

    /** How long a node that has come back is given less than its share. */
    public static final Duration SLOW_START = Duration.ofSeconds(10);

    private final Map<NodeId, NodeLoad> loads = new ConcurrentHashMap<>();
    private final LongSupplier clock;
    private final Duration slowStart;
    private @Nullable Topology followed;

    /** Numbers of no node when last looked at: whoever had chosen a node before it went may have asked for them since. */
    private Set<NodeId> strays = Set.of();

    private boolean serving;
    private long servingSince;

    /** Creates numbers for which no time passes. */
    public NodeLoads() {
        this(() -> 0);
    }

    /**
     * Creates numbers of which nothing is known yet.
     *
     * @param clock nanoseconds of a monotonic clock; asked on the path of every statement
     */
    public NodeLoads(LongSupplier clock) {
        this(clock, SLOW_START);
    }

    NodeLoads(LongSupplier clock, Duration slowStart) {
        this.clock = clock;
        this.slowStart = slowStart;
    }

    /** Returns the numbers of a node; always the same object until the node is {@linkplain #forget forgotten}. */
    public NodeLoad of(NodeId node) {
        NodeLoad known = loads.get(node);
        return known != null ? known : loads.computeIfAbsent(node, id -> new NodeLoad(clock, slowStart));
    }

    /** Drops the numbers of a node that is no longer part of the factory. */
    public void forget(NodeId node) {
        loads.remove(node);
    }

    /**
     * Follows a new snapshot: nodes that serve again begin slowly, and so do new ones, unless all have just begun. Called by one
     * thread at a time. Those that are gone are forgotten.
     */
    public void follow(Topology topology) {
        Topology before = followed;
        followed = topology;
        if (before != null) {
            before.nodes().stream()
                    .map(NodeState::id)
                    .filter(node -> topology.node(node) == null)
                    .forEach(this::forget);
        }
        // Not at the first look, since who chooses may know a node a moment before.
        strays.stream().filter(node -> topology.node(node) == null).forEach(this::forget);
        strays = loads.keySet().stream()
                .filter(node -> topology.node(node) == null)
                .collect(Collectors.toUnmodifiableSet());
        for (NodeState node : topology.nodes()) {
            if (node.isUsable() && node.health() == NodeHealth.HEALTHY) {
                NodeState known = before == null ? null : before.node(node.id());
                if (known == null || known.generation() == 0 ? isLate() : hasReturned(known, node)) {
                    of(node.id()).returned();
                }
            }
        }
    }

    /** A node of which nothing is known for a while, since nobody used the factory, has not been away. */
    private static boolean hasReturned(NodeState before, NodeState now) {
        return before.health() == NodeHealth.UNHEALTHY
                || before.health() == NodeHealth.DEGRADED
                || before.generation() != now.generation();
    }

    private boolean isLate() {
        long now = clock.getAsLong();
        if (!serving) {
            serving = true;
            servingSince = now;
        }
        return now - servingSince > slowStart.toNanos();
    }
}
