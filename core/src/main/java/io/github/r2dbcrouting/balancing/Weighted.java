package io.github.r2dbcrouting.balancing;

import java.nio.IntBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes the candidates in turn, each as often in a cycle as its weight says and as evenly spread over it as can be: the smooth weighted
 * round robin of nginx. That changes all its numbers with each pick, which would take a lock; here a cycle is worked out once
 * for the same weights, and picks count where in it they are.
 */
final class Weighted implements LoadBalancer {

    static final String NAME = "weighted";

    /** More picks in a cycle than this are scaled down to it. */
    static final int LONGEST_CYCLE = 10_000;

    /** Lists from which a node was taken out for one statement have weights of their own. */
    private static final int MOST_CYCLES = 16;

    private final Turns turns;
    private final Map<IntBuffer, int[]> cycles = new ConcurrentHashMap<>(4);
    private volatile @Nullable Plan latest;

    /** The cycle of a list, which stays the same for a snapshot. */
    private record Plan(List<Candidate> candidates, int[] cycle) {}

    Weighted(long seed) {
        turns = new Turns(seed);
    }

    @Override
    public Candidate choose(List<Candidate> candidates) {
        Plan plan = latest;
        if (plan == null || plan.candidates != candidates) {
            plan = new Plan(candidates, cycle(candidates));
            latest = plan;
        }
        int[] cycle = plan.cycle;
        return candidates.get(cycle[turns.next(candidates, cycle.length)]);
    }

    private int[] cycle(List<Candidate> candidates) {
        int[] weights = new int[candidates.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = candidates.get(i).weight();
        }
        IntBuffer key = IntBuffer.wrap(weights);
        int[] known = cycles.get(key);
        if (known == null) {
            known = cycle(weights);
            if (cycles.size() >= MOST_CYCLES) {
                cycles.clear();
            }
            cycles.put(key, known);
        }
        return known;
    }

    /** Returns a cycle: each pick is of the candidate that lags most behind its share. */
    static int[] cycle(int[] weights) {
        int[] shares = shortened(weights);
        int total = sum(shares);
        int[] behind = new int[shares.length];
        int[] cycle = new int[total];
        for (int pick = 0; pick < total; pick++) {
            int most = 0;
            for (int i = 0; i < shares.length; i++) {
                behind[i] += shares[i];
                if (behind[i] > behind[most]) {
                    most = i;
                }
            }
            behind[most] -= total;
            cycle[pick] = most;
        }
        return cycle;
    }

    private static int[] shortened(int[] weights) {
        int divisor = 0;
        for (int weight : weights) {
            divisor = greatestCommonDivisor(weight, divisor);
        }
        int[] shares = new int[weights.length];
        double scale = Math.min(1.0 / divisor, LONGEST_CYCLE / (double) sum(weights));
        for (int i = 0; i < weights.length; i++) {
            shares[i] = Math.max(1, (int) Math.round(weights[i] * scale));
        }
        return shares;
    }

    private static int greatestCommonDivisor(int one, int other) {
        return other == 0 ? one : greatestCommonDivisor(other, one % other);
    }

    private static int sum(int[] numbers) {
        int sum = 0;
        for (int number : numbers) {
            sum += number;
        }
        return sum;
    }

    @Override
    public LoadBalancer seeded(long seed) {
        return new Weighted(seed);
    }

    @Override
    public String toString() {
        return NAME;
    }
}
