package io.github.r2dbcrouting.balancing;

import java.util.List;

/** Picks one of several nodes that would all do. Called concurrently, on the path of every read: it must not block. */
@FunctionalInterface
public interface LoadBalancer {

    /**
     * Picks a node.
     *
     * @param candidates the eligible nodes, at least one, in the topology's order; the same list until the next snapshot
     * @return one of {@code candidates}; anything else is given to the caller as it is
     */
    Candidate choose(List<Candidate> candidates);

    /** Returns a balancer that takes the candidates in turn; it counts for itself, so share it to share the turns. */
    static LoadBalancer roundRobin() {
        return new RoundRobin();
    }

    /**
     * Returns a new balancer by its name, in upper or lower case: {@code roundRobin}.
     *
     * @throws IllegalArgumentException if there is none of that name; the message names the valid ones
     */
    static LoadBalancer valueOf(String name) {
        if (name.equalsIgnoreCase(RoundRobin.NAME)) {
            return roundRobin();
        }
        throw new IllegalArgumentException("no load balancer is named '" + name + "'; use " + RoundRobin.NAME);
    }
}
