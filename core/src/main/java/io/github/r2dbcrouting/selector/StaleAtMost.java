package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is read on the node can be shown to be at most so old. */
record StaleAtMost(Duration bound, long now) implements NodeCondition {

    @Override
    public @Nullable Objection objection(Topology topology, NodeState node) {
        if (topology.isPrimary(node)) {
            return null;
        }
        Replication replication = node.replication();
        Duration staleness = replication == null ? null : replication.staleness(now);
        if (staleness == null) {
            return Objection.of("staleness unknown", "no lag was measured yet");
        }
        return staleness.compareTo(bound) <= 0
                ? null
                : new Objection(
                        "staler than the bound",
                        "may be stale by " + Seconds.of(staleness) + " > bound " + Seconds.of(bound));
    }

    @Override
    public String toString() {
        return "stale by at most " + Seconds.of(bound);
    }
}
