package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.outlier.OutlierFinding;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeSettings;
import java.time.Duration;
import java.util.Set;

/** A fact from which the next snapshot follows. */
sealed interface MonitorEvent {

    /**
     * A node answered its probe.
     *
     * @param sentAt when the probe was sent, in nanoseconds of the monitor's clock
     */
    record Answered(NodeId node, long sentAt, Duration roundTrip, ProbeResult result) implements MonitorEvent {}

    /** A probe of a node failed, or showed a node that must not be used. */
    record Failed(NodeId node, NodeProblem problem) implements MonitorEvent {

        /** Returns whether the node may be dead. */
        boolean isSilent() {
            return problem.kind() == NodeProblem.Kind.UNANSWERED;
        }
    }

    /**
     * A node is watched from now on.
     *
     * @param generation the life that its own come after: no connection of an earlier node of its name is taken for one of its
     */
    record Joined(NodeSettings node, long generation) implements MonitorEvent {}

    /** A node is not watched any more. */
    record Left(NodeId node) implements MonitorEvent {}

    /** A node is found where it was, and counts otherwise. */
    record Changed(NodeSettings node) implements MonitorEvent {}

    /** The time that slower nodes are given after the first usable one is over, or that for which a node was left out. */
    record TimeOver() implements MonitorEvent {}

    /**
     * What became of statements on a node speaks against it.
     *
     * @param keptOut the nodes that operators keep from reads
     * @param chance 0 to 1, spreads the ends of what follows
     */
    record Outlying(OutlierFinding finding, Set<NodeId> keptOut, double chance) implements MonitorEvent {}

    /**
     * Watching begins or ends: from here on nothing that was seen before counts as present.
     *
     * @param seen what to tell of each node until it is probed again
     */
    record Unwatched(String seen) implements MonitorEvent {}
}
