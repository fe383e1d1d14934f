package io.github.r2dbcrouting.selection;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import io.github.r2dbcrouting.balancing.Candidate;
import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
    private final BranchHistory history;
    private final Overrides overrides;
    private final NodeLoads loads;
    private final @Nullable NodeState primary;
    private final List<Rung> rungs = new ArrayList<>(6);
    private final NodeCondition eligible;
    private final String shortage;

    ReadLadder(Topology topology, Limits limits, Overrides overrides, NodeLoads loads, BranchHistory history) {
        this.topology = topology;
        this.history = history;
        this.overrides = overrides;
        this.loads = loads;
        NodeState leader = topology.primary();
        primary = leader != null && leader.isUsable() ? leader : null;
        NodeCondition replica =
                NodeCondition.usable().and(NodeCondition.replica()).and(NodeCondition.notExcluded(overrides));
        NodeCondition measured = replica.and(NodeCondition.lagKnown(history, primary));
        eligible = overrides.lagChecks() ? measured.and(NodeCondition.lagWithin(limits.maxLag())) : measured;
        Set<NodeId> placed = new HashSet<>();
        String region = limits.region();
        if (region != null) {
            addRungs("an eligible replica in " + region, eligible.and(NodeCondition.in(region)), placed);
        }
        addRungs(region == null ? "an eligible replica" : "an eligible replica outside " + region, eligible, placed);
        // Who has set a bound is promised that what he reads is no older.
        if (primary == null && limits.bound() == null) {
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
        List<Candidate> candidates = topology.nodes().stream()
                .filter(node -> condition.objection(node) == null && placed.add(node.id()))
                .map(node -> Candidate.of(node, loads.of(node.id())))
                .toList();
        if (!candidates.isEmpty()) {
            rungs.add(Rung.of(reason, candidates, history));
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

    /** Returns the primary if it can be given work, else {@code null}. */
    @Nullable
    NodeState primary() {
        return primary;
    }

    boolean isPrimary(NodeState node) {
        return primary != null && primary.id().equals(node.id());
    }

    /** Returns the regions of all nodes, in the configured order. */
    Set<String> regions() {
        Set<String> regions = new LinkedHashSet<>();
        for (NodeState node : topology.nodes()) {
            String region = node.settings().region();
            if (region != null) {
                regions.add(region);
            }
        }
        return regions;
    }

    /** Returns whether all candidates of a rung are known at once to have covered a position. */
    boolean haveAllCovered(Rung rung, PositionBound required) {
        ReplicationPosition least = rung.least();
        return least != null && required.coveredBy(least, history) == Coverage.YES;
    }

    /** Returns whether a node is known to have covered a position, if one is required. */
    boolean hasCovered(NodeState node, @Nullable PositionBound required) {
        if (required == null) {
            return true;
        }
        Replication replication = node.replication();
        return replication != null && required.coveredBy(replication.position(), history) == Coverage.YES;
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

    /** Returns what operators have switched. */
    Overrides overrides() {
        return overrides;
    }
}
