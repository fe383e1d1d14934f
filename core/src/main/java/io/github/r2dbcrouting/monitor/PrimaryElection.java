package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Replication;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the primary among the nodes that accept writes.
 *
 * <p>Being writable is not enough to take over, however high its branch: a reporting replica that somebody promoted, or a
 * restored copy, is writable too. The present primary stays, with an alarm, unless most of the other nodes follow the
 * newcomer, or unless it cannot be reached and nobody follows it any more. One failed probe does not make it unreachable.
 */
final class PrimaryElection {

    /** How many probes in a row must fail before a primary counts as unreachable; one may be an accident. */
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

    private final @Nullable NodeObservation last;
    private final List<NodeObservation> rivals;
    private final Followership followership;

    private PrimaryElection(List<NodeObservation> members, @Nullable NodeId lastPrimary, BranchHistory branches) {
        this.last = members.stream()
                .filter(node -> node.id().equals(lastPrimary) && node.is(NodeRole.PRIMARY))
                .findFirst()
                .orElse(null);
        this.rivals =
                members.stream().filter(node -> node != last && contends(node)).toList();
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
        if (last == null) {
            return amongRivals();
        }
        if (rivals.isEmpty()) {
            return last.isUsable() ? new Choice(last, null) : Choice.NONE;
        }
        NodeObservation successor = followedByMajority();
        if (successor != null) {
            return new Choice(successor, contends(last) ? tooMany(successor, List.of(last)) : null);
        }
        if (last.isUsable()) {
            List<NodeObservation> proven =
                    rivals.stream().filter(this::isProven).toList();
            return new Choice(last, proven.isEmpty() ? null : tooMany(last, proven));
        }
        if (contends(last)) {
            return Choice.NONE;
        }
        return followership.followers(last.id()) > 0 ? vetoed(last) : amongRivals();
    }

    private Choice amongRivals() {
        if (rivals.isEmpty()) {
            return Choice.NONE;
        }
        if (rivals.size() == 1) {
            NodeObservation only = rivals.get(0);
            return only.isUsable() ? new Choice(only, null) : Choice.NONE;
        }
        List<NodeObservation> followed = rivals.stream()
                .filter(node -> node.isUsable() && followership.followers(node.id()) > 0)
                .toList();
        NodeObservation winner = followed.size() == 1 ? followed.get(0) : followedByMajority();
        if (winner == null) {
            return new Choice(
                    null,
                    "no primary: " + names(rivals)
                            + " all accept writes, and it cannot be told which of them the replicas follow; leave only one"
                            + " writable");
        }
        return new Choice(
                winner,
                tooMany(winner, rivals.stream().filter(node -> node != winner).toList()));
    }

    private @Nullable NodeObservation followedByMajority() {
        return rivals.stream()
                .filter(node -> node.isUsable() && followership.isFollowedByMajority(node.id()))
                .findFirst()
                .orElse(null);
    }

    /**
     * During an ordinary switchover the new primary may be seen before the old one is seen to have stepped down. Both are
     * writable only if the old one says so after the new one did.
     */
    private boolean isProven(NodeObservation rival) {
        Replication sample = last == null ? null : last.state().replication();
        return sample != null && sample.sampledAt() - rival.roleSeenAt() > 0;
    }

    private Choice vetoed(NodeObservation unreachable) {
        return new Choice(
                null,
                "no primary: " + names(rivals) + " accepts writes, but replicas still receive changes from "
                        + unreachable.id() + ", which cannot be reached from here; check the network to it");
    }

    private static String tooMany(NodeObservation primary, List<NodeObservation> others) {
        return "more than one writable node: " + primary.id() + " is taken as the primary, but " + names(others)
                + " accepts writes too; make it a replica again or stop it";
    }

    private static String names(List<NodeObservation> nodes) {
        return nodes.stream().map(node -> node.id().name()).collect(Collectors.joining(" and "));
    }
}
