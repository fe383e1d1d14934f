package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes are left out or held back, immutable. Its steps are pure; times are nanoseconds of the monitor's clock.
 *
 * <p>The primary is never left out, nor is a replica if too many would be: with n of them that answer, fewer than the set share of n
 * are, though one of two may be, and never the last. Where reads may go to the primary instead, replicas that <em>fail</em> every
 * statement are left out beyond that, but only briefly.
 */
public final class Standings {

    private final OutlierSettings settings;
    private final boolean primaryStepsIn;
    private final Map<NodeId, Standing> nodes;

    private Standings(OutlierSettings settings, boolean primaryStepsIn, Map<NodeId, Standing> nodes) {
        this.settings = settings;
        this.primaryStepsIn = primaryStepsIn;
        this.nodes = Map.copyOf(nodes);
    }

    /**
     * Returns standings in which nothing speaks against any node.
     *
     * @param primaryStepsIn whether reads go to the primary where no replica can serve them
     */
    public static Standings clean(OutlierSettings settings, boolean primaryStepsIn) {
        return new Standings(settings, primaryStepsIn, Map.of());
    }

    /**
     * Returns what follows from a finding about a node, which may be nothing.
     *
     * @param topology how the nodes are seen now, with what is left out
     * @param keptOut the nodes that operators keep from reads
     * @param chance 0 to 1, spreads the ends
     */
    public Standings found(OutlierFinding finding, Topology topology, Set<NodeId> keptOut, long now, double chance) {
        NodeState node = topology.node(finding.node());
        Standing standing = standing(finding.node());
        if (!settings.enabled()
                || node == null
                || node.generation() != finding.generation()
                || !isServingReplica(node)
                || standing.ejection().isInForce(now)) {
            return this;
        }
        boolean within = isWithinBound(topology, keptOut, now);
        if (!within && !(finding.cause() == OutlierFinding.Cause.ERRORS && canPrimaryStepIn(topology))) {
            return this;
        }
        return with(
                finding.node(),
                standing.with(standing.ejection().next(finding, settings.term(), !within, now, chance)));
    }

    private boolean isWithinBound(Topology topology, Set<NodeId> keptOut, long now) {
        List<NodeState> replicas = topology.nodes().stream()
                .filter(node -> isServingReplica(node) && !keptOut.contains(node.id()))
                .toList();
        long out = replicas.stream()
                .filter(node -> standing(node.id()).ejection().isInForce(now))
                .count();
        int fewer = (int) Math.ceil(replicas.size() * settings.term().mostShare()) - 1;
        return out < Math.min(replicas.size() - 1, Math.max(1, fewer));
    }

    private boolean canPrimaryStepIn(Topology topology) {
        return primaryStepsIn && topology.primary() != null;
    }

    private static boolean isServingReplica(NodeState node) {
        return node.role() == NodeRole.REPLICA && node.isUsable();
    }

    /**
     * Returns what follows when a node was seen to be otherwise than before.
     *
     * <p>Where half of the other nodes have come or gone as well of late, it is the network or this process that flaps, and no node
     * is held back for that.
     *
     * @param before how its own probes showed it
     * @param after how they show it now
     * @param others how many other nodes there are
     */
    public Standings seen(NodeState before, NodeState after, int others, long now) {
        boolean another = after.generation() != before.generation();
        boolean moved = before.health() != NodeHealth.UNKNOWN
                && after.health() != NodeHealth.UNKNOWN
                && (another || before.isUsable() != after.isUsable());
        Standing standing = standing(after.id());
        Standing next = moved
                ? standing.with(standing.flaps().changed(settings.flapping(), isAlone(after.id(), others, now), now))
                : standing;
        if (another && next.ejection().isInForce(now)) {
            next = next.with(next.ejection().ended(now));
        }
        return next == standing ? this : with(after.id(), next);
    }

    private boolean isAlone(NodeId node, int others, long now) {
        long moving = nodes.entrySet().stream()
                .filter(other ->
                        !other.getKey().equals(node) && other.getValue().flaps().hasChanged(settings.flapping(), now))
                .count();
        return moving == 0 || 2 * moving < others;
    }

    /** Returns the same without what is over. */
    public Standings at(long now) {
        Standings present = this;
        for (Map.Entry<NodeId, Standing> node : nodes.entrySet()) {
            Standing next = node.getValue().at(now);
            if (next != node.getValue()) {
                present = present.with(node.getKey(), next);
            }
        }
        return present;
    }

    /** Returns the same without a node that is no longer watched. */
    public Standings without(NodeId node) {
        Map<NodeId, Standing> fewer = new HashMap<>(nodes);
        return fewer.remove(node) == null ? this : new Standings(settings, primaryStepsIn, fewer);
    }

    /** Returns how long it is until something is over, in nanoseconds above 0; {@code null} if nothing will be. */
    public @Nullable Long nextEnd(long now) {
        Long next = null;
        for (Standing node : nodes.values()) {
            next = sooner(
                    next,
                    node.ejection().problem() == null ? null : node.ejection().until() - now);
            next = sooner(
                    next, node.flaps().problem() == null ? null : node.flaps().until() - now);
        }
        return next;
    }

    private static @Nullable Long sooner(@Nullable Long one, @Nullable Long other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return Math.min(one, other);
    }

    /** Returns a snapshot in which what is left out or held back is degraded, and says why. */
    public Topology over(Topology seen, long now) {
        if (nodes.isEmpty()) {
            return seen;
        }
        List<NodeState> shown =
                seen.nodes().stream().map(node -> shown(node, now)).toList();
        NodeState primary = seen.primary();
        return new Topology(
                seen.epoch(), shown, primary == null ? null : shown(primary, now), seen.alarm(), seen.lineage());
    }

    private NodeState shown(NodeState node, long now) {
        NodeProblem problem = node.isUsable() ? standing(node.id()).problem(now) : null;
        boolean spared =
                problem == null || node.role() == NodeRole.PRIMARY && problem.kind() != NodeProblem.Kind.FLAPPING;
        return spared ? node : node.degraded(Objects.requireNonNull(problem));
    }

    private Standing standing(NodeId node) {
        return nodes.getOrDefault(node, Standing.NONE);
    }

    private Standings with(NodeId node, Standing standing) {
        Map<NodeId, Standing> changed = new HashMap<>(nodes);
        changed.put(node, standing);
        return new Standings(settings, primaryStepsIn, changed);
    }

    @Override
    public String toString() {
        return nodes.toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Standings that && settings.equals(that.settings) && nodes.equals(that.nodes);
    }

    @Override
    public int hashCode() {
        return nodes.hashCode();
    }
}
