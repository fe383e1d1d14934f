package io.github.r2dbcrouting.balancing;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Draws two candidates by their weights, and takes the first one unless the second is clearly less busy or faster. Of two ("The Power
 * of Two Choices in Randomized Load Balancing", Mitzenmacher, 2001) the better one is good enough, and unlike the best of all it is not
 * the same for everybody at the same time.
 *
 * <p>Compared is {@code (in flight / weight + 1) × (latency + 1 ms) × cost}: about how long a statement would take there. What is within a
 * fifth of each other, or below a millisecond, is chance rather than a quality of the nodes, and the draw stands: so nodes that
 * are equally good serve in proportion to their weights however little there is to do. While of one of the two no latency is
 * known, neither counts.
 */
final class Adaptive implements LoadBalancer {

    static final String NAME = "adaptive";

    private static final double CLEARLY = 0.8;
    private static final double CHANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Chance chance;

    Adaptive(long seed) {
        chance = new Chance(seed);
    }

    @Override
    public Candidate choose(List<Candidate> candidates) {
        int size = candidates.size();
        if (size == 1) {
            return candidates.get(0);
        }
        int lots = Chance.weightOf(candidates);
        long draw = chance.next();
        int one;
        int other;
        if (lots == size) {
            one = Chance.below(size, draw);
            int further = Chance.below(size - 1, draw << 32);
            other = further < one ? further : further + 1;
        } else {
            one = Chance.holder(candidates, Chance.below(lots, draw), -1);
            int others = lots - candidates.get(one).weight();
            other = Chance.holder(candidates, Chance.below(others, draw << 32), one);
        }
        return better(candidates.get(one), candidates.get(other), lots / (double) size);
    }

    private Candidate better(Candidate drawn, Candidate other, double usualWeight) {
        long now = drawn.load().now();
        boolean ready = isReady(drawn.load(), now);
        if (ready != isReady(other.load(), now)) {
            return ready ? drawn : other;
        }
        long drawnLatency = drawn.load().latency(now);
        long otherLatency = other.load().latency(now);
        boolean known = drawnLatency > 0 && otherLatency > 0;
        double drawnLoad = load(drawn, known ? drawnLatency : 0, usualWeight);
        double otherLoad = load(other, known ? otherLatency : 0, usualWeight);
        return otherLoad < drawnLoad * CLEARLY ? other : drawn;
    }

    private static double load(Candidate candidate, long latency, double usualWeight) {
        double busy = candidate.inFlightPerWeight() * usualWeight;
        return (busy + 1) * (latency + CHANCE_NANOS) * candidate.cost();
    }

    /** A node that has just come back takes part in as many draws as it is ready for. */
    private boolean isReady(NodeLoad load, long now) {
        double readiness = load.readiness(now);
        return readiness >= 1 || chance.happens(readiness);
    }

    @Override
    public LoadBalancer seeded(long seed) {
        return new Adaptive(seed);
    }

    @Override
    public String toString() {
        return NAME;
    }
}
