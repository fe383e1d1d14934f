package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.switches.RoutingSwitches.Configured;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** By how much replicas that serve reads may be further behind than is configured for all, in nanoseconds. */
final class ExtraLag {

    /** Longer than any program runs, and small enough to be added to a time. */
    static final long FOREVER = TimeUnit.DAYS.toNanos(36_500);

    private ExtraLag() {}

    /** Returns it by the limits that hold, whether they are checked or not. */
    static long of(Overrides present, Configured configured, Topology topology) {
        Duration most = present.maxLag() == null ? configured.maxLag() : present.maxLag();
        for (NodeState node : topology.nodes()) {
            Duration own = present.maxLag() == null ? node.settings().maxLag() : null;
            Duration limit = present.maxLags().getOrDefault(node.id(), own == null ? most : own);
            most = limit.compareTo(most) > 0 ? limit : most;
        }
        return Math.max(0, most.minus(configured.maxLag()).toNanos());
    }

    /** Returns it by the limits or, without lag checks, by what any replica may be behind since they were switched off. */
    static long seen(Switched present, Configured configured, Topology topology, long now) {
        long limit = of(present.state().overrides(), configured, topology);
        return present.state().overrides().lagChecks()
                ? limit
                : Math.max(limit, Math.min(now - present.lagChecksOffAt(), known(configured, topology, now)));
    }

    private static long known(Configured configured, Topology topology, long now) {
        long most = 0;
        for (NodeState node : topology.nodes()) {
            if (!node.equals(topology.primary())) {
                Replication sample = node.replication();
                Duration behind = sample == null ? null : sample.staleness(now);
                if (behind == null) {
                    return FOREVER;
                }
                most = Math.max(most, behind.minus(configured.maxLag()).toNanos());
            }
        }
        return most;
    }
}
