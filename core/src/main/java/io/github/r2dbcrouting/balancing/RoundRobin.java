package io.github.r2dbcrouting.balancing;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Takes the candidates in turn, by one counter for all callers. */
final class RoundRobin implements LoadBalancer {

    static final String NAME = "roundRobin";

    private final AtomicLong turns;

    RoundRobin(long seed) {
        turns = new AtomicLong(seed);
    }

    @Override
    public Candidate choose(List<Candidate> candidates) {
        return candidates.get(Math.floorMod(turns.getAndIncrement(), candidates.size()));
    }

    @Override
    public LoadBalancer seeded(long seed) {
        return new RoundRobin(seed);
    }

    @Override
    public String toString() {
        return NAME;
    }
}
