package io.github.r2dbcrouting.selection;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one snapshot means for reads: the replicas that may serve them, best first, and what speaks against each of the
 * others. Worked out once for a snapshot and read by all its decisions.
 *
 * <p>While there is a primary, only replicas within the allowed lag count, the degraded ones after the healthy. Without a
 * primary the lag of every replica grows, and a read is better served late than not at all: then those beyond the
 * allowed lag follow, and last those of which the lag is unknown, which may stand on an abandoned branch.
 */
final class ReadLadder {

    private final Topology topology;
    private final @Nullable NodeState primary;
    private final List<Rung> rungs = new ArrayList<>(6);
    private final NodeCondition eligible;
    private final String shortage;

    ReadLadder(Topology topology, Duration maxLag, BranchHistory history) {
        this.topology = topology;
        NodeState leader = topology.primary();
        primary = leader != null && leader.isUsable() ? leader : null;
        NodeCondition replica = NodeCondition.usable().and(NodeCondition.replica());
        NodeCondition measured = replica.and(NodeCondition.lagKnown(history, primary));
        eligible = measured.and(NodeCondition.lagWithin(maxLag));
        Set<NodeId> placed = new HashSet<>();
        addRungs("an eligible replica", eligible, placed);
        if (primary == null) {
            addRungs("no primary: any replica, its lag beyond maxLag", measured, placed);
            addRungs("no primary: any replica, its lag unknown", replica, placed);
        }
        shortage = shortage();
    }

    private void addRungs(String reason, NodeCondition condition, Set<NodeId> placed) {
        addRung(reason, condition.and(NodeCondition.health(NodeHealth.HEALTHY)), placed);
        addRung(reason + ", degraded", condition.and(NodeCondition.health(NodeHealth.DEGRADED)), placed);
    }

    private void addRung(String reason, NodeCondition condition, Set<NodeId> placed) {
        List<NodeState> candidates = topology.nodes().stream()
                .filter(node -> condition.objection(node) == null && placed.add(node.id()))
                .toList();
        if (!candidates.isEmpty()) {
            rungs.add(new Rung(reason, candidates));
        }
    }

    /** Says in one phrase why no replica is eligible: {@code "no eligible replica (2 unhealthy, 1 lag unknown)"}. */
    private String shortage() {
        Map<String, Long> kinds = topology.nodes().stream()
                .filter(node -> !isPrimary(node))
                .map(eligible::objection)
                .filter(Objects::nonNull)
                .collect(groupingBy(Objection::kind, LinkedHashMap::new, counting()));
        if (kinds.isEmpty()) {
            return "no replica";
        }
        return kinds.entrySet().stream()
                .map(kind -> kind.getValue() + " " + kind.getKey())
                .collect(joining(", ", "no eligible replica (", ")"));
    }

    boolean isOf(Topology other) {
        return topology == other;
    }

    /** Returns the primary if it can be given work, else {@code null}. */
    @Nullable
    NodeState primary() {
        return primary;
    }

    boolean isPrimary(NodeState node) {
        return primary != null && primary.id().equals(node.id());
    }

    /** Returns the rungs that have candidates, best first. */
    List<Rung> rungs() {
        return rungs;
    }

    /** Returns why no replica is eligible, if none is. */
    String shortageReason() {
        return shortage;
    }

    /** Returns what speaks against the node as a replica within the allowed lag, or {@code null} if nothing does. */
    @Nullable
    Objection objection(NodeState node) {
        return eligible.objection(node);
    }
}
