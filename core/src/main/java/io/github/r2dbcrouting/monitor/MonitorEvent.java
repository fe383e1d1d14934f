package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;

/** A fact from which the next snapshot follows. */
sealed interface MonitorEvent {

    /**
     * A node answered its probe.
     *
     * @param sentAt when the probe was sent, in nanoseconds of the monitor's clock
     */
    record Answered(NodeId node, long sentAt, Duration roundTrip, ProbeResult result) implements MonitorEvent {}

    /**
     * A probe of a node failed.
     *
     * @param alive whether the node answered nevertheless: it has no connection left, or refuses the monitor
     */
    record Failed(NodeId node, String problem, boolean alive) implements MonitorEvent {}

    /** The time that slower nodes are given after the first usable one is over. */
    record GraceOver() implements MonitorEvent {}

    /**
     * Watching begins or ends: from here on nothing that was seen before counts as present.
     *
     * @param problem what to tell of each node until it is probed again
     */
    record Unwatched(String problem) implements MonitorEvent {}
}
