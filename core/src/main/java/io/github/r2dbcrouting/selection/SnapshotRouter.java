package io.github.r2dbcrouting.selection;

import static java.util.stream.Collectors.joining;

import io.github.r2dbcrouting.balancing.Candidate;
import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.selector.NodeCondition;
import io.github.r2dbcrouting.selector.Objection;
import io.github.r2dbcrouting.selector.Seconds;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Routes by the {@link ReadLadder} of a snapshot. Snapshots change a few times a second and are asked many thousand times
 * in between, so the latest ladders are kept; two threads that meet a new snapshot both work them out, and neither waits.
 */
final class SnapshotRouter implements Router {

    /** The tag of nodes that are meant for heavy reads. */
    static final String FOR_HEAVY_READS = "analytics";

    /** For decisions that are not carried out. */
    private static final LoadBalancer ANY = candidates -> candidates.get(0);

    private final LoadBalancer leastLoaded = LoadBalancer.leastConnections();
    private final SelectionSettings settings;
    private final LongSupplier clock;
    private final Supplier<Overrides> switched;
    private final RoutingHints defaults;
    private final KnownPlaces known = new KnownPlaces();

    /** Of the default, what also holds for a read whose hints say where: not what only the primary gives. */
    private final RoutingHints defaultsElsewhere;

    private final NodeLoads loads;
    private final BranchHistory history;
    private volatile @Nullable Ladders latest;

    SnapshotRouter(
            SelectionSettings settings,
            BranchHistory history,
            LongSupplier clock,
            NodeLoads loads,
            Supplier<Overrides> switched) {
        this.settings = settings;
        this.history = history;
        this.clock = clock;
        this.loads = loads;
        this.switched = switched;
        this.defaults = settings.unhinted();
        Consistency consistency = defaults.consistency();
        this.defaultsElsewhere = consistency == null || !consistency.isForPrimary()
                ? defaults
                : new RoutingHints(null, null, null, defaults.places(), defaults.maxLag(), null, null);
    }

    @Override
    public RouteDecision route(Topology topology, RouteRequest request) {
        return decide(topology, request, request.heavy() ? leastLoaded : settings.loadBalancer());
    }

    @Override
    public RouteDecision preview(Topology topology, RouteRequest request) {
        return decide(topology, request, ANY);
    }

    private RouteDecision decide(Topology topology, RouteRequest request, LoadBalancer balancer) {
        RoutingHints hints =
                request.heavy() ? wishes(request).preferring(forHeavy(topology, request)) : wishes(request);
        Ladders ladders = ladders(topology, switched.get());
        Target target = Target.of(request.access(), hints, unhinted(topology, request));
        ReadLadder ladder = hints == defaults || target == Target.PRIMARY || target == Target.NAMED
                ? ladders.plain()
                : ladders.within(hints, target);
        long now = hints.bound() == null ? 0 : clock.getAsLong();
        Question question = Question.of(topology, ladder, request, hints, target, balancer, now);
        if (!hints.places().isAny()) {
            String unknown = known.objection(hints.places());
            if (unknown != null) {
                return question.refused(Refusal.UNKNOWN_NAME, unknown);
            }
        }
        return switch (target) {
            case NAMED -> named(question);
            case PRIMARY -> primary(question);
            case REPLICA, NEAREST -> forReplica(question);
            case WRITE_ON_REPLICA ->
                question.refused(Refusal.WRITE_ON_REPLICA, "a write, but the hints ask for a replica");
            case CONTRADICTION ->
                question.refused(
                        Refusal.CONTRADICTION,
                        "consistency " + hints.consistency()
                                + " is given by the primary alone, but the hints ask for a replica");
        };
    }

    /** Returns the wishes of a request; for a read, the default answers what they leave open. */
    private RoutingHints wishes(RouteRequest request) {
        RoutingHints hints = request.hints();
        if (defaults == RoutingHints.NONE || request.access() != Access.READ) {
            return hints;
        }
        return hints.or(hints.sayWhere() ? defaultsElsewhere : defaults);
    }

    /** Returns where a heavy read goes first, unless its hints say where. */
    private static Places forHeavy(Topology topology, RouteRequest request) {
        boolean open = !request.hints().sayWhere() && request.hints().places().isAny();
        return open
                        && topology.nodes().stream()
                                .anyMatch(node ->
                                        node.settings().placement().tags().contains(FOR_HEAVY_READS))
                ? Places.tagged(FOR_HEAVY_READS)
                : Places.ANY;
    }

    /** Returns where a read goes of which the hints do not say where. */
    private Target unhinted(Topology topology, RouteRequest request) {
        return switch (settings.readPreference()) {
            case REPLICA_PREFERRED, REPLICA -> Target.REPLICA;
            case PRIMARY -> Target.PRIMARY;
            case PRIMARY_PREFERRED -> canServe(topology.primary(), request) ? Target.PRIMARY : Target.REPLICA;
            case NEAREST -> Target.NEAREST;
        };
    }

    private static boolean canServe(@Nullable NodeState primary, RouteRequest request) {
        return primary != null && primary.isUsable() && !request.excludedNodes().contains(primary.id());
    }

    private Ladders ladders(Topology topology, Overrides overrides) {
        Ladders present = latest;
        if (present == null || !present.areOf(topology, overrides)) {
            known.add(topology);
            LadderRules rules = new LadderRules(settings, overrides, loads, history);
            present = new Ladders(topology, rules);
            latest = present;
        }
        return present;
    }

    private static RouteDecision named(Question question) {
        NodeId name = question.hints().node();
        NodeState node = name == null ? null : question.topology().node(name);
        if (node == null) {
            String valid =
                    question.topology().nodes().stream().map(n -> n.id().name()).collect(joining(", "));
            return question.refused(Refusal.UNKNOWN_NAME, "no node is named '" + name + "'; use one of " + valid);
        }
        Objection objection = NodeCondition.usable().objection(question.topology(), node);
        if (objection != null) {
            return question.refused(Refusal.NO_NODE, "the named node " + name + " is not usable: " + objection.text());
        }
        return question.ladder().isPrimary(node)
                ? question.chosen(node, "the named node")
                : namedReplica(question, node);
    }

    private static RouteDecision namedReplica(Question question, NodeState node) {
        if (question.request().access() == Access.WRITE) {
            return question.refused(
                    Refusal.WRITE_ON_REPLICA, "a write, but the named node " + node.id() + " is not the primary");
        }
        Consistency consistency = question.hints().consistency();
        if (consistency != null && consistency.isForPrimary()) {
            return question.refused(
                    Refusal.CONTRADICTION,
                    "consistency " + consistency + " is given by the primary alone, which the named node " + node.id()
                            + " is not");
        }
        Objection objection = question.againstNamed(node);
        return objection == null
                ? question.chosen(node, "the named node")
                : question.refused(Refusal.NO_NODE, "the named node " + node.id() + ": " + objection.text());
    }

    private static RouteDecision primary(Question question) {
        NodeState primary = question.ladder().primary();
        if (primary == null) {
            return question.refused(Refusal.NO_NODE, "no primary: " + primaryReason(question));
        }
        if (question.isExcluded(primary)) {
            return question.refused(Refusal.NO_NODE, "the primary has just failed to serve this statement");
        }
        return question.chosen(primary, primaryReason(question));
    }

    private static String primaryReason(Question question) {
        if (question.request().access() == Access.WRITE) {
            return "a write";
        }
        if (question.hints().role() == NodeRole.PRIMARY) {
            return "hint at the primary";
        }
        if (question.request().access() == Access.UNKNOWN) {
            return "not surely a read";
        }
        Consistency consistency = question.hints().consistency();
        return consistency != null && consistency.isForPrimary()
                ? "consistency " + consistency
                : "the read preference is the primary";
    }

    private RouteDecision forReplica(Question question) {
        Overrides overrides = question.ladder().rules().overrides();
        String diversion = overrides.diversion(question.request().lot());
        if (diversion != null) {
            return Diversion.of(question, diversion);
        }
        RouteDecision decision = read(question);
        String restriction = overrides.restriction(question.request().lot());
        if (restriction != null && decision.node() != null) {
            decision = question.chosen(decision.node(), decision.reason() + restriction);
        }
        return overrides.shadow() ? Diversion.shadowing(question, overrides.shadowing(), decision) : decision;
    }

    private RouteDecision read(Question question) {
        List<Rung> rungs = question.ladder().rungs();
        for (int i = 0; i < rungs.size(); i++) {
            Rung rung = rungs.get(i);
            NodeState preferred = preferred(rung.candidates(), question);
            if (preferred != null) {
                return question.chosen(preferred, "the node of the last read");
            }
            List<Candidate> candidates = candidates(rung, question);
            if (!candidates.isEmpty()) {
                return question.chosen(question.pick(candidates).state(), rung.reason());
            }
        }
        return instead(question);
    }

    /** Decides on a read that no replica can serve. */
    private RouteDecision instead(Question question) {
        String shortage = shortage(question);
        NodeState primary = question.ladder().primary();
        if (primary == null) {
            return question.refused(Refusal.NO_NODE, "no primary, and " + shortage);
        }
        if (!settings.readPreference().allowsFallback()) {
            return question.refused(Refusal.NO_NODE, shortage + ", and the fallback to the primary is off");
        }
        if (question.isExcluded(primary)) {
            return question.refused(
                    Refusal.NO_NODE, shortage + ", and the primary has just failed to serve this statement");
        }
        return question.chosen(primary, shortage);
    }

    private static String shortage(Question question) {
        Duration bound = question.hints().bound();
        if (bound != null) {
            return "no replica can be shown to be stale by at most " + Seconds.of(bound);
        }
        if (question.ladder().rungs().isEmpty()) {
            return question.ladder().shortageReason();
        }
        if (question.request().excludedNodes().isEmpty()) {
            return "no eligible replica has covered the required position";
        }
        return question.request().requiredPosition() == null
                ? "every eligible replica has just failed to serve this statement"
                : "every eligible replica has just failed to serve this statement or has not covered the required position";
    }

    private static @Nullable NodeState preferred(List<Candidate> candidates, Question question) {
        NodeId preferred = question.request().preferredNode();
        if (preferred == null) {
            return null;
        }
        for (int i = 0; i < candidates.size(); i++) {
            NodeState candidate = candidates.get(i).state();
            if (candidate.id().equals(preferred)) {
                return question.suits(candidate) ? candidate : null;
            }
        }
        return null;
    }

    /** Returns the rung's candidates that suit the request, without copying where all of them do. */
    private static List<Candidate> candidates(Rung rung, Question question) {
        List<Candidate> all = rung.candidates();
        if (question.suitAll(rung)) {
            return all;
        }
        int suiting = 0;
        while (suiting < all.size() && question.suits(all.get(suiting).state())) {
            suiting++;
        }
        if (suiting == all.size()) {
            return all;
        }
        List<Candidate> some = new ArrayList<>(all.subList(0, suiting));
        for (int i = suiting + 1; i < all.size(); i++) {
            if (question.suits(all.get(i).state())) {
                some.add(all.get(i));
            }
        }
        return Collections.unmodifiableList(some);
    }
}
