package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;

/**
 * One rule for which of the nodes that may serve come first. Like a {@link NodeSelector} it is asked once for each snapshot; it
 * leaves nobody out.
 */
@FunctionalInterface
public interface NodeRanking {

    /**
     * Divides nodes into groups, the best first; those of a later group serve only where those before it do not suit.
     *
     * @return groups in which each candidate is once; empty ones may be among them
     */
    List<Group> rank(Topology topology, List<NodeState> candidates);

    /**
     * Nodes of equal standing.
     *
     * @param label what they have in common, to be put behind "an eligible replica"; empty if that needs no words
     */
    record Group(String label, List<NodeState> nodes) {}

    /** Returns the ranking by which degraded nodes come after healthy ones. */
    static NodeRanking byHealth() {
        return new HealthRanking();
    }

    /** Returns the ranking by which nodes of a lower number come first. */
    static NodeRanking byPriority() {
        return new PriorityRanking();
    }

    /** Returns the ranking by places, those named first before others. */
    static NodeRanking byPlace(Places places) {
        return new PlaceRanking(places);
    }

    /**
     * Returns the ranking by which nodes whose round trip is at most so much longer than that of the nearest come first.
     *
     * @param window not negative
     */
    static NodeRanking byLatency(Duration window) {
        return new LatencyRanking(window);
    }
}
