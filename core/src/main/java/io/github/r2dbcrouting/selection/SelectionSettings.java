package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import java.time.Duration;

/**
 * What a replica must be like to serve reads.
 *
 * @param maxLag how far a replica may be behind the primary to serve reads; positive
 * @param primaryFallback whether reads go to the primary while no replica is eligible; otherwise they are refused
 * @param loadBalancer picks among the eligible replicas
 * @param unhinted what reads wish that nobody gave a hint for; a role and no node
 */
public record SelectionSettings(
        Duration maxLag, boolean primaryFallback, LoadBalancer loadBalancer, RoutingHints unhinted) {

    public SelectionSettings {
        if (unhinted.node() != null) {
            throw new IllegalArgumentException("the default names the node " + unhinted.node()
                    + ", which would serve all reads or none; use a derived factory for that node");
        }
        if (maxLag.isZero() || maxLag.isNegative()) {
            throw new IllegalArgumentException("maxLag must be positive, got " + maxLag
                    + "; to read on the primary only, hint at it instead of allowing no lag");
        }
    }

    /** Creates settings without a default for reads. */
    public SelectionSettings(Duration maxLag, boolean primaryFallback, LoadBalancer loadBalancer) {
        this(maxLag, primaryFallback, loadBalancer, RoutingHints.NONE);
    }

    /** Returns the settings of a user who sets none: up to 5 s of lag, the primary when no replica is left, in turn. */
    public static SelectionSettings defaults() {
        return new SelectionSettings(Duration.ofSeconds(5), true, LoadBalancer.roundRobin());
    }

    /** Returns the same settings with another balancer. */
    public SelectionSettings balancedBy(LoadBalancer balancer) {
        return new SelectionSettings(maxLag, primaryFallback, balancer, unhinted);
    }
}
