package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.selection.OperatorSwitch.Kind;
import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What operators have switched for the time being, above all settings and hints.
 *
 * @param routing whether reads go to replicas at all; otherwise they go to the primary, but for those that name a node
 * @param lagChecks whether replicas beyond {@code maxLag} are left out; a bound that a read asks for holds anyway
 * @param exclusions nodes that are given no reads as replicas, and why
 * @param maxLag how far replicas may be behind instead of what the settings say, or {@code null}
 * @param maxLags the same for single nodes
 * @param replicaShare how many of a hundred eligible reads go to replicas, 0 to 100
 * @param shadow whether decisions on reads are made and recorded, but run on the primary
 * @param until when switches that expire do so, as it is shown to people
 */
public record Overrides(
        boolean routing,
        boolean lagChecks,
        Map<NodeId, String> exclusions,
        @Nullable Duration maxLag,
        Map<NodeId, Duration> maxLags,
        int replicaShare,
        boolean shadow,
        Map<OperatorSwitch, String> until) {

    /** How many lots there are; a read with one below the share goes to replicas. */
    public static final int LOTS = 100;

    private static final String BY_AN_OPERATOR = "by an operator";

    /** Nothing is switched. */
    public static final Overrides NONE = new Overrides(true, true, Map.of(), null, Map.of(), LOTS, false, Map.of());

    public Overrides {
        exclusions = Map.copyOf(exclusions);
        maxLags = Map.copyOf(maxLags);
        until = Map.copyOf(until);
        if (replicaShare < 0 || replicaShare > LOTS) {
            throw new IllegalArgumentException("the replica share must be 0 to 100 %, got " + replicaShare);
        }
        requirePositive(maxLag);
        maxLags.values().forEach(Overrides::requirePositive);
    }

    private static void requirePositive(@Nullable Duration maxLag) {
        if (maxLag != null && (maxLag.isZero() || maxLag.isNegative())) {
            throw new IllegalArgumentException("maxLag must be positive, got " + maxLag);
        }
    }

    /** Returns the same with reads on replicas or not. */
    public Overrides routing(boolean on) {
        return new Overrides(on, lagChecks, exclusions, maxLag, maxLags, replicaShare, shadow, until);
    }

    /** Returns the same with lags looked at or not. */
    public Overrides lagChecks(boolean on) {
        return new Overrides(routing, on, exclusions, maxLag, maxLags, replicaShare, shadow, until);
    }

    /** Returns the nodes that are given no reads as replicas. */
    public Set<NodeId> excluded() {
        return exclusions.keySet();
    }

    /** Returns the same with one more node excluded. */
    public Overrides excluding(NodeId node) {
        return excluding(node, BY_AN_OPERATOR);
    }

    /**
     * Returns the same with one more node excluded, for whatever reason it may have been before.
     *
     * @param why as it is shown to people after {@code excluded:}
     */
    public Overrides excluding(NodeId node, String why) {
        Map<NodeId, String> more = new HashMap<>(exclusions);
        more.put(node, why);
        return new Overrides(routing, lagChecks, more, maxLag, maxLags, replicaShare, shadow, until);
    }

    /** Returns the same with a node included again. */
    public Overrides including(NodeId node) {
        Map<NodeId, String> fewer = new HashMap<>(exclusions);
        fewer.remove(node);
        return new Overrides(routing, lagChecks, fewer, maxLag, maxLags, replicaShare, shadow, until);
    }

    /**
     * Returns the same with another limit of the lag.
     *
     * @param node whose, or {@code null} for that of all nodes that have none of their own
     * @param limit positive, or {@code null} for what the settings say
     */
    public Overrides maxLag(@Nullable NodeId node, @Nullable Duration limit) {
        if (node == null) {
            return new Overrides(routing, lagChecks, exclusions, limit, maxLags, replicaShare, shadow, until);
        }
        Map<NodeId, Duration> others = new HashMap<>(maxLags);
        if (limit == null) {
            others.remove(node);
        } else {
            others.put(node, limit);
        }
        return new Overrides(routing, lagChecks, exclusions, maxLag, others, replicaShare, shadow, until);
    }

    /** Returns the same with another share of reads on replicas, 0 to 100. */
    public Overrides replicaShare(int percent) {
        return new Overrides(routing, lagChecks, exclusions, maxLag, maxLags, percent, shadow, until);
    }

    /** Returns the same with decisions recorded only, or not. */
    public Overrides shadow(boolean on) {
        return new Overrides(routing, lagChecks, exclusions, maxLag, maxLags, replicaShare, on, until);
    }

    /** Returns the same with other times of expiry. */
    public Overrides until(Map<OperatorSwitch, String> times) {
        return new Overrides(routing, lagChecks, exclusions, maxLag, maxLags, replicaShare, shadow, times);
    }

    /**
     * Returns why a read that a replica might serve goes to the primary, or {@code null} if nothing keeps it from the replicas.
     *
     * @param lot that of its session, 0 to 99, or negative if it has none
     */
    @Nullable
    String diversion(int lot) {
        if (!routing) {
            return "routing is switched off" + until(Kind.ROUTING, null);
        }
        if (replicaShare == LOTS || lot < replicaShare && replicaShare > 0) {
            return null;
        }
        return "one of the reads that stay on the primary: the replica share is " + replicaShare + " %"
                + until(Kind.REPLICA_SHARE, null);
    }

    /**
     * Returns what is to be said of a decision without a lot while it would be another one for some sessions, or {@code null}.
     *
     * @param lot that of its session, or negative if it has none
     */
    @Nullable
    String restriction(int lot) {
        return lot >= 0 || replicaShare == 0 || replicaShare == LOTS
                ? null
                : ", for " + replicaShare + " % of the sessions; the reads of the others stay on the primary"
                        + until(Kind.REPLICA_SHARE, null);
    }

    /** Returns how the exclusion of each excluded node is explained: one that is excluded for another reason stays so when the switch expires. */
    Map<NodeId, String> explainedExclusions() {
        Map<NodeId, String> reasons = new HashMap<>(exclusions);
        reasons.replaceAll((node, why) -> why.equals(BY_AN_OPERATOR) ? why + until(Kind.EXCLUSION, node) : why);
        return reasons;
    }

    /** Returns how shadow mode is explained. */
    String shadowing() {
        return "shadow mode" + until(Kind.SHADOW, null);
    }

    private String until(Kind kind, @Nullable NodeId node) {
        String time = until.get(new OperatorSwitch(kind, node));
        return time == null ? "" : " until " + time;
    }
}
