package io.github.r2dbcrouting.balancing;

import java.util.List;

/** Takes the candidate that has the least of something; those that have equally little in turn. */
final class Least implements LoadBalancer {

    private final String name;
    private final Measure measure;
    private final Turns turns;

    /** What is compared. */
    @FunctionalInterface
    interface Measure {

        /**
         * Measures a candidate.
         *
         * @param now on the clock of its numbers
         */
        double of(Candidate candidate, long now);
    }

    Least(String name, Measure measure, long seed) {
        this.name = name;
        this.measure = measure;
        this.turns = new Turns(seed);
    }

    @Override
    public Candidate choose(List<Candidate> candidates) {
        long now = candidates.get(0).load().now();
        double least = Double.POSITIVE_INFINITY;
        int first = 0;
        int equals = 0;
        for (int i = 0; i < candidates.size(); i++) {
            double measured = measure.of(candidates.get(i), now);
            if (measured < least) {
                least = measured;
                first = i;
                equals = 1;
            } else if (measured == least) {
                equals++;
            }
        }
        return equals > 1 ? inTurn(candidates, now, least, equals) : candidates.get(first);
    }

    private Candidate inTurn(List<Candidate> candidates, long now, double least, int equals) {
        int turn = turns.next(candidates, equals);
        Candidate last = candidates.get(0);
        for (int i = 0; i < candidates.size() && turn >= 0; i++) {
            // What changes meanwhile may leave fewer of them.
            if (measure.of(candidates.get(i), now) <= least) {
                last = candidates.get(i);
                turn--;
            }
        }
        return last;
    }

    @Override
    public LoadBalancer seeded(long seed) {
        return new Least(name, measure, seed);
    }

    @Override
    public String toString() {
        return name;
    }
}
