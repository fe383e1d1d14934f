package io.github.r2dbcrouting.balancing;

import java.util.List;

/**
 * Picks one of several nodes that would all do. Called concurrently, on the path of every read: it must not block.
 *
 * <p>Those that are here take neither a lock nor memory, and none but {@link #leastLag()}, {@link #fastest()} and {@link #score} leaves
 * a node without reads that is as good as the others.
 */
@FunctionalInterface
public interface LoadBalancer {

    /**
     * Picks a node. One that throws, or returns what it was not given, is logged once and counted, and the default picks instead.
     *
     * @param candidates the eligible nodes, at least one, in the topology's order; unmodifiable, and the same list until the next snapshot as a rule
     * @return one of {@code candidates}
     */
    Candidate choose(List<Candidate> candidates);

    /**
     * Returns this balancer for the use of one factory: one that draws lots, or takes turns, begins anew from a seed, so that not
     * all processes do the same at the same time. This one itself unless overridden.
     */
    default LoadBalancer seeded(long seed) {
        return this;
    }

    /**
     * Returns the default: the better of two nodes that are drawn by their weights, by what they have in flight and how fast they
     * have answered lately. A node that has just come back is given little at first.
     */
    static LoadBalancer adaptive() {
        return new Adaptive(0);
    }

    /** Returns a balancer that takes the candidates in turn, as often as their weights say and evenly spread. */
    static LoadBalancer weighted() {
        return new Weighted(0);
    }

    /** Returns a balancer that takes the candidates in turn, whatever their weights; it counts for itself. */
    static LoadBalancer roundRobin() {
        return new RoundRobin(0);
    }

    /** Returns a balancer that draws the candidates by their weights. */
    static LoadBalancer random() {
        return new AtRandom(0);
    }

    /** Returns a balancer that takes what has the least in flight from this process for its weight. */
    static LoadBalancer leastConnections() {
        return Presets.leastConnections();
    }

    /** Returns a balancer that takes what was the least behind when it was last asked, to a tenth of a second. */
    static LoadBalancer leastLag() {
        return Presets.leastLag();
    }

    /** Returns a balancer that takes what has answered fastest lately; one of which nothing is known is tried first. */
    static LoadBalancer fastest() {
        return Presets.fastest();
    }

    /** Returns a balancer that takes what has the lowest score. */
    static LoadBalancer score(Score score) {
        return Presets.score(score);
    }

    /**
     * Returns a new balancer by its name, in upper or lower case: {@code adaptive}, {@code weighted}, {@code roundRobin}, {@code random},
     * {@code leastConnections}, {@code leastLag}, {@code fastest}, {@code score} or {@code score(lag=1,latency=1,load=1,weight=1)}.
     *
     * @throws IllegalArgumentException if there is none of that name; the message names the valid ones
     */
    static LoadBalancer valueOf(String name) {
        return Presets.named(name);
    }
}
