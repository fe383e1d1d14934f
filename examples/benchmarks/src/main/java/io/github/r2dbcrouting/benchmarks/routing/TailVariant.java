package io.github.r2dbcrouting.benchmarks.routing;

import io.github.r2dbcrouting.balancing.LoadBalancer;

/** How reads are balanced, and whether one of the replicas is slow meanwhile. */
enum TailVariant {
    HEALTHY("adaptive, none slow", false),
    HEALTHY_AGAIN("adaptive, none slow, again", false),
    SLOW("adaptive, one slow", true),
    IN_TURN("roundRobin, one slow", true);

    private final String text;
    private final boolean slow;

    TailVariant(String text, boolean slow) {
        this.text = text;
        this.slow = slow;
    }

    /** Returns whether one of the replicas is slow. */
    boolean hasSlow() {
        return slow;
    }

    LoadBalancer balancer() {
        return this == IN_TURN ? LoadBalancer.roundRobin() : LoadBalancer.adaptive();
    }

    @Override
    public String toString() {
        return text;
    }
}
