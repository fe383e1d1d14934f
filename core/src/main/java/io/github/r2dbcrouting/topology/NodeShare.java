package io.github.r2dbcrouting.topology;

/**
 * How much of the reads a node is to serve.
 *
 * @param weight its part of what several nodes share, in relation to theirs; 1 to {@value #MOST_WEIGHT}
 * @param priority 0 for a node that serves first; nodes of a higher number serve only while none of a lower one is eligible; 0
 *     to {@value #LAST_PRIORITY}
 * @param cost what a read on it costs in relation to others, by which balancers that measure multiply what they measure; 2 for a
 *     node that is to be taken only where the others are twice as busy or slow; more than 0, at most {@value #MOST_COST}
 */
public record NodeShare(int weight, int priority, double cost) {

    public static final int MOST_WEIGHT = 1_000;

    public static final int LAST_PRIORITY = 100;

    public static final double MOST_COST = 1_000;

    /** The share of a node of which nothing is said. */
    public static final NodeShare EQUAL = new NodeShare(1, 0, 1);

    public NodeShare {
        if (weight < 1 || weight > MOST_WEIGHT) {
            throw new IllegalArgumentException("weight must be 1 to " + MOST_WEIGHT + ", got " + weight
                    + "; to give a node no reads, drain or exclude it");
        }
        if (priority < 0 || priority > LAST_PRIORITY) {
            throw new IllegalArgumentException(
                    "priority must be 0 to " + LAST_PRIORITY + ", got " + priority + "; 0 serves first");
        }
        if (!(cost > 0 && cost <= MOST_COST)) {
            throw new IllegalArgumentException(
                    "cost must be more than 0 and at most " + MOST_COST + ", got " + cost + "; 1 is the usual one");
        }
    }

    /** Returns the same share of another weight. */
    public NodeShare withWeight(int value) {
        return new NodeShare(value, priority, cost);
    }

    /** Returns the same share of another priority. */
    public NodeShare withPriority(int value) {
        return new NodeShare(weight, value, cost);
    }

    /** Returns the same share at another cost. */
    public NodeShare withCost(double value) {
        return new NodeShare(weight, priority, value);
    }
}
