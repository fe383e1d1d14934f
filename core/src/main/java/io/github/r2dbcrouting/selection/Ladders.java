package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The ladders of one snapshot: the plain one, and those for limits that hints have asked for so far. */
final class Ladders {

    /** A program has few limits; one that makes up a new one for each statement must not fill the memory. */
    private static final int MOST = 64;

    private final Topology topology;
    private final Overrides overrides;
    private final NodeLoads loads;
    private final BranchHistory history;
    private final ReadLadder plain;
    private final Map<Limits, ReadLadder> special = new ConcurrentHashMap<>(4);

    Ladders(Topology topology, Duration maxLag, Overrides overrides, NodeLoads loads, BranchHistory history) {
        this.topology = topology;
        this.overrides = overrides;
        this.loads = loads;
        this.history = history;
        this.plain = ladder(new Limits(maxLag, null, null));
    }

    private ReadLadder ladder(Limits limits) {
        return new ReadLadder(topology, limits, overrides, loads, history);
    }

    boolean areOf(Topology other, Overrides switched) {
        return topology == other && overrides == switched;
    }

    ReadLadder plain() {
        return plain;
    }

    ReadLadder within(Limits limits) {
        ReadLadder known = special.get(limits);
        if (known == null) {
            known = ladder(limits);
            if (special.size() < MOST) {
                special.put(limits, known);
            }
        }
        return known;
    }
}
