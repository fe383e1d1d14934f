package io.github.r2dbcrouting;

import io.github.r2dbcrouting.discovery.DiscoveryCounts;
import io.github.r2dbcrouting.discovery.DiscoveryWatch;
import io.github.r2dbcrouting.monitor.TopologyMonitor;
import io.github.r2dbcrouting.outlier.OutlierCounts;
import io.github.r2dbcrouting.pool.CrowdCounts;
import io.github.r2dbcrouting.retry.FallbackReads;
import io.github.r2dbcrouting.retry.RetryCounts;
import io.github.r2dbcrouting.services.AbandonedExchanges;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.session.CatchUpCounts;
import org.jspecify.annotations.Nullable;

/**
 * Where the numbers of a factory are counted that come of its statements and nodes.
 *
 * @param choice what contains the balancer and the selectors of the user's own
 * @param discovery where the list of nodes comes from, or {@code null} if it stands
 */
record FactoryCounts(
        ConnectionServices services,
        ContainedChoice choice,
        TopologyMonitor monitor,
        @Nullable DiscoveryWatch discovery) {

    AbandonedExchanges abandonedExchanges() {
        return services.watches().tally().counts();
    }

    RetryCounts retries() {
        return services.retrying().policy().counts();
    }

    FallbackReads fallbackReads() {
        return services.retrying().fallbacks().counts();
    }

    OutlierCounts outliers() {
        return monitor.outliers();
    }

    long balancerFailures() {
        return choice.balancer().failures();
    }

    long selectorFailures() {
        return choice.selectorFailures();
    }

    CrowdCounts crowds() {
        return services.pools().crowds().counts();
    }

    CatchUpCounts catchUps() {
        return services.routing().sessions().catchUp().counts();
    }

    DiscoveryCounts discoveries() {
        return discovery == null ? DiscoveryCounts.NONE : discovery.counts();
    }
}
