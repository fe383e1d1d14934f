package io.github.r2dbcrouting.balancing;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes the candidates in turn, by one counter for all callers. */
final class RoundRobin implements LoadBalancer {

    static final String NAME = "roundRobin";

    private final AtomicInteger turns = new AtomicInteger();

    @Override
    public Candidate choose(List<Candidate> candidates) {
        return candidates.get(Math.floorMod(turns.getAndIncrement(), candidates.size()));
    }

    @Override
    public String toString() {
        return NAME;
    }
}
