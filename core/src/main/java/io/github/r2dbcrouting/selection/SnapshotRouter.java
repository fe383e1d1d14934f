package io.github.r2dbcrouting.selection;

import static java.util.stream.Collectors.joining;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Routes by the {@link ReadLadder} of a snapshot. Snapshots change a few times a second and are asked many thousand times
 * in between, so the latest ladder is kept; two threads that meet a new snapshot both work it out, and neither waits.
 */
final class SnapshotRouter implements Router {

    private final SelectionSettings settings;
    private final BranchHistory history;
    private final Explanation explanation = new Explanation(this);
    private volatile @Nullable ReadLadder latest;

    SnapshotRouter(SelectionSettings settings, BranchHistory history) {
        this.settings = settings;
        this.history = history;
    }

    @Override
    public RouteDecision route(Topology topology, RouteRequest request) {
        ReadLadder ladder = ladder(topology);
        return switch (Target.of(request)) {
            case NAMED -> named(topology, ladder, request);
            case PRIMARY -> primary(topology, ladder, request);
            case REPLICA -> replica(topology, ladder, request);
        };
    }

    private ReadLadder ladder(Topology topology) {
        ReadLadder known = latest;
        if (known == null || !known.isOf(topology)) {
            known = pastLadder(topology);
            latest = known;
        }
        return known;
    }

    /** Works out the ladder of a snapshot that need not be the latest. */
    ReadLadder pastLadder(Topology topology) {
        return new ReadLadder(topology, settings.maxLag(), history);
    }

    private RouteDecision named(Topology topology, ReadLadder ladder, RouteRequest request) {
        NodeId name = request.hints().node();
        NodeState node = name == null ? null : topology.node(name);
        if (node == null) {
            String valid = topology.nodes().stream().map(n -> n.id().name()).collect(joining(", "));
            return refused(topology, request, "no node is named '" + name + "'; use one of " + valid);
        }
        Objection objection = NodeCondition.usable().objection(node);
        if (objection != null) {
            return refused(topology, request, "the named node " + name + " is not usable: " + objection.text());
        }
        if (request.access() == Access.WRITE && !ladder.isPrimary(node)) {
            return refused(topology, request, "a write, but the named node " + name + " is not the primary");
        }
        if (!ladder.isPrimary(node) && !hasCovered(node, request.requiredPosition())) {
            return refused(
                    topology, request, "the named node " + name + " has not covered " + request.requiredPosition());
        }
        return chosen(topology, request, node, "the named node");
    }

    private RouteDecision primary(Topology topology, ReadLadder ladder, RouteRequest request) {
        NodeState primary = ladder.primary();
        if (primary == null) {
            return refused(topology, request, "no primary: " + primaryReason(request));
        }
        if (request.excludedNodes().contains(primary.id())) {
            return refused(topology, request, "the primary has just failed this statement");
        }
        return chosen(topology, request, primary, primaryReason(request));
    }

    private static String primaryReason(RouteRequest request) {
        NodeRole role = request.hints().role();
        if (request.access() == Access.WRITE) {
            return role == NodeRole.REPLICA ? "a write, in spite of the hint at a replica" : "a write";
        }
        return role == NodeRole.PRIMARY ? "hint at the primary" : "not surely a read";
    }

    private RouteDecision replica(Topology topology, ReadLadder ladder, RouteRequest request) {
        List<Rung> rungs = ladder.rungs();
        for (int i = 0; i < rungs.size(); i++) {
            Rung rung = rungs.get(i);
            NodeState preferred = preferred(rung.candidates(), request);
            if (preferred != null) {
                return chosen(topology, request, preferred, "the replica of the last read");
            }
            List<NodeState> candidates = candidates(rung, request);
            if (!candidates.isEmpty()) {
                NodeState node = candidates.size() == 1
                        ? candidates.get(0)
                        : settings.loadBalancer().choose(candidates);
                return chosen(topology, request, node, rung.reason());
            }
        }
        return instead(topology, ladder, request);
    }

    /** Decides on a read that no replica can serve. */
    private RouteDecision instead(Topology topology, ReadLadder ladder, RouteRequest request) {
        String shortage = shortage(ladder, request);
        NodeState primary = ladder.primary();
        if (primary == null) {
            return refused(topology, request, "no primary, and " + shortage);
        }
        if (!settings.primaryFallback()) {
            return refused(topology, request, shortage + ", and the fallback to the primary is off");
        }
        if (request.excludedNodes().contains(primary.id())) {
            return refused(topology, request, shortage + ", and the primary has just failed this statement");
        }
        return chosen(topology, request, primary, shortage);
    }

    private static String shortage(ReadLadder ladder, RouteRequest request) {
        if (ladder.rungs().isEmpty()) {
            return ladder.shortageReason();
        }
        if (request.excludedNodes().isEmpty()) {
            return "no eligible replica has covered the required position";
        }
        return request.requiredPosition() == null
                ? "every eligible replica has just failed this statement"
                : "every eligible replica has just failed this statement or has not covered the required position";
    }

    private @Nullable NodeState preferred(List<NodeState> candidates, RouteRequest request) {
        NodeId preferred = request.preferredNode();
        if (preferred == null) {
            return null;
        }
        for (int i = 0; i < candidates.size(); i++) {
            NodeState candidate = candidates.get(i);
            if (candidate.id().equals(preferred)) {
                return suits(candidate, request) ? candidate : null;
            }
        }
        return null;
    }

    /** Returns the rung's candidates that suit the request, without copying where all of them do. */
    private List<NodeState> candidates(Rung rung, RouteRequest request) {
        List<NodeState> all = rung.candidates();
        if (request.requiredPosition() == null && request.excludedNodes().isEmpty()) {
            return all;
        }
        int suiting = 0;
        while (suiting < all.size() && suits(all.get(suiting), request)) {
            suiting++;
        }
        if (suiting == all.size()) {
            return all;
        }
        List<NodeState> some = new ArrayList<>(all.subList(0, suiting));
        for (int i = suiting + 1; i < all.size(); i++) {
            if (suits(all.get(i), request)) {
                some.add(all.get(i));
            }
        }
        return some;
    }

    private boolean suits(NodeState replica, RouteRequest request) {
        return !request.excludedNodes().contains(replica.id()) && hasCovered(replica, request.requiredPosition());
    }

    boolean hasCovered(NodeState node, @Nullable PositionBound required) {
        if (required == null) {
            return true;
        }
        Replication replication = node.replication();
        return replication != null && required.coveredBy(replication.position(), history) == Coverage.YES;
    }

    private RouteDecision chosen(Topology topology, RouteRequest request, NodeState node, String reason) {
        return new RouteDecision(request, topology, node, reason, explanation);
    }

    private RouteDecision refused(Topology topology, RouteRequest request, String reason) {
        return new RouteDecision(request, topology, null, reason, explanation);
    }
}
