package io.github.r2dbcrouting.balancing;

import java.util.List;

/** Draws a candidate by its weight. */
final class AtRandom implements LoadBalancer {

    static final String NAME = "random";

    private final Chance chance;

    AtRandom(long seed) {
        chance = new Chance(seed);
    }

    @Override
    public Candidate choose(List<Candidate> candidates) {
        int lots = Chance.weightOf(candidates);
        int lot = Chance.below(lots, chance.next());
        return candidates.get(lots == candidates.size() ? lot : Chance.holder(candidates, lot, -1));
    }

    @Override
    public LoadBalancer seeded(long seed) {
        return new AtRandom(seed);
    }

    @Override
    public String toString() {
        return NAME;
    }
}
