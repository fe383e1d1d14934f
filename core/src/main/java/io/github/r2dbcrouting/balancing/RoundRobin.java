package io.github.r2dbcrouting.balancing;

import java.util.List;

/** Takes the candidates in turn, by one counter of a set for all callers. */
final class RoundRobin implements LoadBalancer {

    static final String NAME = "roundRobin";

    private final Turns turns;

    RoundRobin(long seed) {
        turns = new Turns(seed);
    }

    @Override
    public Candidate choose(List<Candidate> candidates) {
        return candidates.get(turns.next(candidates, candidates.size()));
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
