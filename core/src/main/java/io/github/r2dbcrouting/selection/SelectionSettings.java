package io.github.r2dbcrouting.selection;

import java.time.Duration;

/**
 * What a replica must be like to serve reads.
 *
 * @param maxLag how far a replica may be behind the primary to serve reads; positive
 * @param primaryFallback whether reads go to the primary while no replica is eligible; otherwise they are refused
 * @param loadBalancer picks among the eligible replicas
 */
public record SelectionSettings(Duration maxLag, boolean primaryFallback, LoadBalancer loadBalancer) {}
