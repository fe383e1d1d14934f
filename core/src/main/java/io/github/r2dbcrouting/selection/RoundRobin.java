package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.NodeState;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes the candidates in turn, by one counter for all callers. */
final class RoundRobin implements LoadBalancer {

    static final String NAME = "roundRobin";

    private final AtomicInteger turns = new AtomicInteger();

    @Override
    public NodeState choose(List<NodeState> candidates) {
        return candidates.get(Math.floorMod(turns.getAndIncrement(), candidates.size()));
    }

    @Override
    public String toString() {
        return NAME;
    }
}
