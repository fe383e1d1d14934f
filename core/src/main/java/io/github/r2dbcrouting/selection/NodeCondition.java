package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a node must be like. The choice and its explanation ask the same conditions, so that they cannot drift
 * apart.
 */
@FunctionalInterface
interface NodeCondition {

    /** Returns what speaks against the node, or {@code null} if nothing does. */
    @Nullable
    Objection objection(NodeState node);

    /** Returns a condition that first asks this one and then the other. */
    default NodeCondition and(NodeCondition other) {
        return node -> {
            Objection first = objection(node);
            return first != null ? first : other.objection(node);
        };
    }

    /** The node answers, and its role is known. */
    static NodeCondition usable() {
        return node -> {
            if (node.isUsable()) {
                return null;
            }
            String problem =
                    node.problem() == null ? "no reason known" : node.problem().toString();
            return switch (node.health()) {
                case UNHEALTHY -> Objection.of("unhealthy", problem);
                case UNKNOWN -> Objection.of("health unknown", problem);
                case HEALTHY, DEGRADED -> Objection.of("role unknown", problem);
            };
        };
    }

    /** The node replays another node's changes. */
    static NodeCondition replica() {
        return node -> node.role() == NodeRole.REPLICA
                ? null
                : new Objection("writable but not the primary", "writable, but not the primary of this topology");
    }

    /** The node was not excluded by an operator. */
    static NodeCondition notExcluded(Overrides overrides) {
        return node -> overrides.excluded().contains(node.id())
                ? Objection.of("excluded", overrides.exclusion(node.id()))
                : null;
    }

    /** The node is in a region. */
    static NodeCondition in(String region) {
        return node -> region.equals(node.settings().region())
                ? null
                : new Objection("in another region", "not in region " + region);
    }

    /** The node's health is exactly this. */
    static NodeCondition health(NodeHealth health) {
        return node -> node.health() == health ? null : new Objection(node.health() + "", "health " + node.health());
    }

    /**
     * It is known how far the node is behind.
     *
     * @param primary the node that it is measured against, or {@code null} if there is none
     */
    static NodeCondition lagKnown(BranchHistory history, @Nullable NodeState primary) {
        return node -> {
            Replication replication = node.replication();
            if (replication == null) {
                return Objection.of("lag unknown", "no sample yet");
            }
            if (replication.lag() != null) {
                return null;
            }
            Replication leading = primary == null ? null : primary.replication();
            boolean forked =
                    leading != null && history.covers(leading.position(), replication.position()) == Coverage.UNKNOWN;
            return Objection.of("lag unknown", forked ? "on another branch than the primary" : "not measured yet");
        };
    }

    /** The node is at most so far behind; a lag that is not known does not object here. */
    static NodeCondition lagWithin(Duration maxLag) {
        return node -> {
            Duration lag =
                    node.replication() == null ? null : node.replication().lag();
            return lag == null || lag.compareTo(maxLag) <= 0
                    ? null
                    : new Objection("lag > maxLag", "lag " + seconds(lag) + " > maxLag " + seconds(maxLag));
        };
    }

    /**
     * It can be shown that what is read on the node is at most so old. The time since the sample counts, since the node may
     * have stopped right after.
     *
     * @param now on the clock of the samples
     */
    static NodeCondition staleAtMost(Duration bound, long now) {
        return node -> {
            Duration staleness =
                    node.replication() == null ? null : node.replication().staleness(now);
            if (staleness == null) {
                return Objection.of("staleness unknown", "no lag was measured yet");
            }
            return staleness.compareTo(bound) <= 0
                    ? null
                    : new Objection(
                            "staler than the bound",
                            "may be stale by " + seconds(staleness) + " > bound " + seconds(bound));
        };
    }

    /** Returns a duration as people read it: {@code 0.5 s}. */
    static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds())
                        .add(BigDecimal.valueOf(duration.getNano() / 1_000_000, 3))
                        .stripTrailingZeros()
                        .toPlainString()
                + " s";
    }
}
