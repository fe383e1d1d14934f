package io.github.r2dbcrouting.selection;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import io.github.r2dbcrouting.balancing.Candidate;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.selector.NodeRanking;
import io.github.r2dbcrouting.selector.NodeRanking.Group;
import io.github.r2dbcrouting.selector.NodeSelector;
import io.github.r2dbcrouting.selector.Objection;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one snapshot means for reads: the nodes that may serve them, best first, and what speaks against each of the
 * others. Worked out once for a snapshot and read by all its decisions.
 *
 * <p>While there is a primary, only replicas within the allowed lag count. Without a
 * primary the lag of every replica grows, and a read is better served late than not at all: then those beyond the
 * allowed lag follow, and last those of which the lag is unknown, which may stand on an abandoned branch.
 */
final class ReadLadder {

    private final Topology topology;
    private final Limits limits;
    private final LadderRules rules;
    private final @Nullable NodeState primary;
    private final List<NodeState> asked;
    private final List<Rung> rungs = new ArrayList<>(6);
    private final Sieve eligible;
    private final String shortage;

    ReadLadder(Topology topology, Limits limits, LadderRules rules) {
        this.topology = topology;
        this.limits = limits;
        this.rules = rules;
        NodeState leader = topology.primary();
        primary = leader != null && leader.isUsable() ? leader : null;
        asked = topology.nodes().stream()
                .filter(node -> limits.primaryToo() || !isPrimary(node))
                .toList();
        eligible = sieve(rules.eligible(limits, topology));
        Set<NodeId> placed = new HashSet<>();
        addRungs(limits.primaryToo() ? "an eligible node" : "an eligible replica", eligible, placed);
        // Who has set a bound is promised that what he reads is no older.
        if (primary == null && limits.bound() == null) {
            addRungs("no primary: any replica, its lag beyond maxLag", sieve(rules.knownLag(limits)), placed);
            addRungs("no primary: any replica, its lag unknown", sieve(rules.anyLag(limits)), placed);
        }
        shortage = shortage();
    }

    private Sieve sieve(List<NodeSelector> selectors) {
        return Sieve.of(topology, asked, selectors);
    }

    private void addRungs(String reason, Sieve sieve, Set<NodeId> placed) {
        List<NodeState> fresh =
                sieve.remaining().stream().filter(node -> placed.add(node.id())).toList();
        for (Group group : ranked(new Group("", fresh))) {
            if (!group.nodes().isEmpty()) {
                rungs.add(rung(reason + group.label(), group.nodes()));
            }
        }
    }

    /** Each ranking divides the groups of those before it. Their words come in the opposite order, the closest first. */
    private List<Group> ranked(Group all) {
        List<Group> groups = List.of(all);
        for (NodeRanking ranking : rules.rankings(limits)) {
            List<Group> finer = new ArrayList<>();
            for (Group group : groups) {
                for (Group part : ranking.rank(topology, group.nodes())) {
                    finer.add(new Group(part.label() + group.label(), part.nodes()));
                }
            }
            groups = finer;
        }
        return groups;
    }

    private Rung rung(String reason, List<NodeState> nodes) {
        List<Candidate> candidates = nodes.stream()
                .map(node -> Candidate.of(node, rules.loads().of(node.id())))
                .toList();
        return Rung.of(reason, candidates, rules.history());
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

    LadderRules rules() {
        return rules;
    }

    Limits limits() {
        return limits;
    }

    /** Returns whether all candidates of a rung are known at once to have covered a position. */
    boolean haveAllCovered(Rung rung, PositionBound required) {
        ReplicationPosition least = rung.least();
        return least != null && required.coveredBy(least, rules.history()) == Coverage.YES;
    }

    /** Returns the rungs that have candidates, best first. */
    List<Rung> rungs() {
        return rungs;
    }

    /** Returns the rung on which a node stands, or {@code null} if it is on none. */
    @Nullable
    Rung rungOf(NodeState node) {
        for (Rung rung : rungs) {
            for (Candidate candidate : rung.candidates()) {
                if (candidate.id().equals(node.id())) {
                    return rung;
                }
            }
        }
        return null;
    }

    /** Returns why no replica is eligible, if none is. */
    String shortageReason() {
        return shortage;
    }

    /** Returns what speaks against the node as one that serves within the allowed lag, or {@code null} if nothing does. */
    @Nullable
    Objection objection(NodeState node) {
        return eligible.objection(node);
    }
}
