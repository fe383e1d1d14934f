package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The node is at most so far behind. */
record LagWithin(Duration maxLag, Map<NodeId, Duration> others) implements NodeCondition {

    LagWithin {
        others = Map.copyOf(others);
    }

    @Override
    public @Nullable Objection objection(Topology topology, NodeState node) {
        Replication replication = node.replication();
        Duration lag = replication == null ? null : replication.lag();
        Duration limit = others.getOrDefault(node.id(), maxLag);
        return lag == null || lag.compareTo(limit) <= 0
                ? null
                : new Objection("lag > maxLag", "lag " + Seconds.of(lag) + " > maxLag " + Seconds.of(limit));
    }

    @Override
    public String toString() {
        return "lag within " + Seconds.of(maxLag) + (others.isEmpty() ? "" : ", other limits for " + others.keySet());
    }
}
