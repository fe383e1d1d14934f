package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Nodes whose round trip is at most so much longer than that of the nearest before those farther away; after the latency window
 * of MongoDB's server selection. A node whose round trip is not known is not near.
 */
record LatencyRanking(Duration window) implements NodeRanking {

    LatencyRanking {
        if (window.isNegative()) {
            throw new IllegalArgumentException("the latency window must not be negative, got " + window);
        }
    }

    @Override
    public List<Group> rank(Topology topology, List<NodeState> candidates) {
        Duration shortest = candidates.stream()
                .map(LatencyRanking::roundTrip)
                .filter(Objects::nonNull)
                .min(Duration::compareTo)
                .orElse(null);
        if (shortest == null) {
            return List.of(new Group("", candidates));
        }
        Duration longest = shortest.plus(window);
        return List.of(
                new Group(
                        "",
                        candidates.stream()
                                .filter(node -> isWithin(longest, node))
                                .toList()),
                new Group(
                        ", beyond the latency window",
                        candidates.stream()
                                .filter(node -> !isWithin(longest, node))
                                .toList()));
    }

    private static boolean isWithin(Duration longest, NodeState node) {
        Duration roundTrip = roundTrip(node);
        return roundTrip != null && roundTrip.compareTo(longest) <= 0;
    }

    private static @Nullable Duration roundTrip(NodeState node) {
        Replication replication = node.replication();
        return replication == null ? null : replication.roundTrip();
    }

    @Override
    public String toString() {
        return "by latency, within " + window.toMillis() + " ms of the nearest";
    }
}
