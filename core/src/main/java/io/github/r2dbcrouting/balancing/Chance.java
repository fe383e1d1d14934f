package io.github.r2dbcrouting.balancing;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Random numbers for any number of threads, none of which waits for another: SplitMix64 (Steele, Lea and Flood, "Fast Splittable
 * Pseudorandom Number Generators", 2014), whose state is a counter. The same seed gives the same numbers.
 */
final class Chance {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private final AtomicLong state;

    Chance(long seed) {
        state = new AtomicLong(seed);
    }

    /** Returns 64 random bits. */
    long next() {
        long bits = state.getAndAdd(GOLDEN_GAMMA);
        bits = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        bits = (bits ^ (bits >>> 27)) * 0x94d049bb133111ebL;
        return bits ^ (bits >>> 31);
    }

    /** Returns whether something happens that does so with a probability. */
    boolean happens(double probability) {
        return (next() >>> 11) * 0x1.0p-53 < probability;
    }

    /** Returns a number below a bound, taken from the upper 32 of 64 random bits. */
    static int below(int bound, long bits) {
        return (int) ((bits >>> 32) * bound >>> 32);
    }

    /** Returns the sum of the weights. */
    static int weightOf(List<Candidate> candidates) {
        int total = 0;
        for (int i = 0; i < candidates.size(); i++) {
            total += candidates.get(i).weight();
        }
        return total;
    }

    /**
     * Returns where the candidate is that has a lot, where each has as many lots as its weight.
     *
     * @param without where one is that has none, or -1
     */
    static int holder(List<Candidate> candidates, int lot, int without) {
        int left = lot;
        int last = -1;
        for (int i = 0; i < candidates.size(); i++) {
            if (i != without) {
                last = i;
                left -= candidates.get(i).weight();
                if (left < 0) {
                    break;
                }
            }
        }
        return last;
    }
}
