package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.selector.NodeSelector;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which node is to serve a read.
 *
 * @param maxLag how far a replica may be behind the primary to serve reads, unless its own settings say; positive
 * @param readPreference where reads go that nobody gave a hint for
 * @param latencyWindow how much longer than that of the nearest a node's round trip may be; those beyond serve when none within will do.
 *     {@code null} for no such window, but for {@link #NEAREST_WINDOW} where the nearest is preferred
 * @param selectors rules of the user's own, asked after all others
 * @param loadBalancer picks among the eligible nodes
 * @param unhinted what else reads wish that nobody gave a hint for; no node and no role
 */
public record SelectionSettings(
        Duration maxLag,
        ReadPreference readPreference,
        @Nullable Duration latencyWindow,
        List<NodeSelector> selectors,
        LoadBalancer loadBalancer,
        RoutingHints unhinted) {

    /** The latency window of the nearest node, as in MongoDB. */
    public static final Duration NEAREST_WINDOW = Duration.ofMillis(15);

    public SelectionSettings {
        selectors = List.copyOf(selectors);
        if (unhinted.sayWhere()) {
            throw new IllegalArgumentException("the default names "
                    + (unhinted.node() != null ? "the node " + unhinted.node() : "the role " + unhinted.role())
                    + "; use the read preference, or a derived factory for a node");
        }
        if (maxLag.isZero() || maxLag.isNegative()) {
            throw new IllegalArgumentException("maxLag must be positive, got " + maxLag
                    + "; to read on the primary only, prefer it instead of allowing no lag");
        }
        if (latencyWindow != null && latencyWindow.isNegative()) {
            throw new IllegalArgumentException("the latency window must not be negative, got " + latencyWindow);
        }
    }

    /** Returns the settings of a user who sets none: up to 5 s of lag, the primary when no replica is left, balanced {@linkplain LoadBalancer#adaptive() adaptively}. */
    public static SelectionSettings defaults() {
        return new SelectionSettings(
                Duration.ofSeconds(5),
                ReadPreference.REPLICA_PREFERRED,
                null,
                List.of(),
                LoadBalancer.adaptive(),
                RoutingHints.NONE);
    }

    /** Returns the same settings with another balancer. */
    public SelectionSettings balancedBy(LoadBalancer other) {
        return new SelectionSettings(maxLag, readPreference, latencyWindow, selectors, other, unhinted);
    }

    /** Returns the same settings with another preference. */
    public SelectionSettings preferring(ReadPreference other) {
        return new SelectionSettings(maxLag, other, latencyWindow, selectors, loadBalancer, unhinted);
    }

    /** Returns the same settings with another default of what else reads wish. */
    public SelectionSettings wishing(RoutingHints other) {
        return new SelectionSettings(maxLag, readPreference, latencyWindow, selectors, loadBalancer, other);
    }

    /** Returns the same settings with rules of the user's own. */
    public SelectionSettings narrowedBy(List<NodeSelector> others) {
        return new SelectionSettings(maxLag, readPreference, latencyWindow, others, loadBalancer, unhinted);
    }

    /** Returns the same settings with another latency window. */
    public SelectionSettings near(@Nullable Duration window) {
        return new SelectionSettings(maxLag, readPreference, window, selectors, loadBalancer, unhinted);
    }

    /** Returns the same settings with another limit of the lag. */
    public SelectionSettings within(Duration limit) {
        return new SelectionSettings(limit, readPreference, latencyWindow, selectors, loadBalancer, unhinted);
    }
}
