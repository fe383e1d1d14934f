package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Replication;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the primary among the nodes that accept writes.
 *
 * <p>Being writable is not enough to take over, however high its branch: a reporting replica that somebody promoted, or a
 * restored copy, is writable too. In this order:
 *
 * <ol>
 *   <li>A node that most of the others follow is the primary.
 *   <li>Else the primary of the present epoch stays while it can be reached. One failed probe does not make it unreachable.
 *   <li>Else there is none while replicas still follow a node that cannot be reached from here.
 *   <li>Else the only writable node is the primary; of several, the only one that has followers.
 *   <li>Else there is none.
 * </ol>
 */
final class PrimaryElection {

    /** How many probes in a row must fail before a writable node counts as unreachable; one may be an accident. */
    static final int FAILURES_TO_LOSE = 2;

    /**
     * The result.
     *
     * @param primary the chosen node, usable; {@code null} for none
     * @param alarm what an operator must look at
     */
    record Choice(
            @Nullable NodeObservation primary, @Nullable String alarm) {

        static final Choice NONE = new Choice(null, null);
    }

    private final List<NodeObservation> members;
    private final List<NodeObservation> contenders;
    private final @Nullable NodeId lastPrimary;
    private final @Nullable NodeObservation last;
    private final Followership followership;

    private PrimaryElection(List<NodeObservation> members, @Nullable NodeId lastPrimary, BranchHistory branches) {
        this.members = members;
        this.lastPrimary = lastPrimary;
        this.contenders = members.stream().filter(PrimaryElection::contends).toList();
        this.last = members.stream()
                .filter(node -> node.is(NodeRole.PRIMARY) && node.id().equals(lastPrimary))
                .findFirst()
                .orElse(null);
        this.followership = new Followership(members, branches);
    }

    /**
     * Chooses.
     *
     * @param members the nodes of the cluster
     * @param lastPrimary the primary of the present epoch, if there was one
     */
    static Choice choose(List<NodeObservation> members, @Nullable NodeId lastPrimary, BranchHistory branches) {
        return new PrimaryElection(members, lastPrimary, branches).choose();
    }

    private static boolean contends(NodeObservation node) {
        return node.is(NodeRole.PRIMARY) && (node.isUsable() || node.failures() < FAILURES_TO_LOSE);
    }

    private Choice choose() {
        boolean hasRivals = contenders.stream().anyMatch(node -> node != last);
        NodeObservation leader = hasRivals ? usable(followership::isFollowedByMajority) : null;
        if (leader != null) {
            return chosen(leader);
        }
        if (last != null && contends(last)) {
            return chosen(last);
        }
        if (!hasRivals) {
            return lastPrimary == null ? replicasOnly() : Choice.NONE;
        }
        NodeObservation hidden = members.stream()
                .filter(node -> !node.isUsable() && !contends(node) && followership.isFollowed(node))
                .findFirst()
                .orElse(null);
        if (hidden != null) {
            return vetoed(hidden);
        }
        NodeObservation only = contenders.size() == 1 ? contenders.get(0) : usable(followership::isFollowed);
        return only == null ? undecided() : chosen(only);
    }

    /** Where nobody was ever seen to be the primary, it is more likely to be missing in the list than to have died. */
    private Choice replicasOnly() {
        if (members.isEmpty() || !members.stream().allMatch(node -> node.isUsable() && node.is(NodeRole.REPLICA))) {
            return Choice.NONE;
        }
        String upstreams = followership.unknownUpstreams();
        return new Choice(
                null,
                "no primary: every node is a replica, " + names(members)
                        + (upstreams.isEmpty()
                                ? "; add their primary to the nodes, or promote one of them"
                                : "; they receive from " + upstreams
                                        + ", which is not among the nodes: add it, or promote one of them"));
    }

    /** Returns the only usable contender that passes, or {@code null} if there is none or more than one. */
    private @Nullable NodeObservation usable(Predicate<NodeObservation> test) {
        List<NodeObservation> found = contenders.stream()
                .filter(node -> node.isUsable() && test.test(node))
                .toList();
        return found.size() == 1 ? found.get(0) : null;
    }

    private Choice chosen(NodeObservation node) {
        List<NodeObservation> others = contenders.stream()
                .filter(other -> areBothWritable(node, other))
                .toList();
        String alarm = others.isEmpty()
                ? null
                : "more than one writable node: " + node.id() + " is taken as the primary, but " + names(others)
                        + " accepts writes too; make it a replica again or stop it";
        return new Choice(node.isUsable() ? node : null, alarm);
    }

    private Choice vetoed(NodeObservation hidden) {
        boolean proven = followership.followers(hidden).stream()
                .anyMatch(follower -> contenders.stream().anyMatch(node -> wasSeenAfter(follower, node)));
        return new Choice(
                null,
                proven
                        ? "no primary: " + names(contenders)
                                + " accepts writes, but replicas still receive changes from " + hidden.id()
                                + ", which cannot be reached from here; check the way to it"
                        : null);
    }

    private Choice undecided() {
        boolean proven =
                contenders.stream().anyMatch(one -> contenders.stream().anyMatch(other -> areBothWritable(one, other)));
        return new Choice(
                null,
                proven
                        ? "no primary: " + names(contenders)
                                + " all accept writes, and the replicas do not tell which is"
                                + " the right one; leave only one of them writable"
                        : null);
    }

    /**
     * Nodes are not probed at the same instant: during an ordinary switchover the new primary may be seen before the old one
     * is seen to have stepped down. Two are known to be writable together only if each was found so after the other.
     */
    private static boolean areBothWritable(NodeObservation one, NodeObservation other) {
        return one != other && wasSeenAfter(one, other) && wasSeenAfter(other, one);
    }

    private static boolean wasSeenAfter(NodeObservation node, NodeObservation other) {
        Replication sample = node.state().replication();
        return sample != null && sample.sampledAt() - other.roleSeenAt() > 0;
    }

    private static String names(List<NodeObservation> nodes) {
        return nodes.stream().map(node -> node.id().name()).collect(Collectors.joining(" and "));
    }
}
