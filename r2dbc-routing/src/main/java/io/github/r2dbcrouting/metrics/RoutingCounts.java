package io.github.r2dbcrouting.metrics;

import io.github.r2dbcrouting.discovery.DiscoveryCounts;
import io.github.r2dbcrouting.outlier.OutlierCounts;
import io.github.r2dbcrouting.pool.CrowdCounts;
import io.github.r2dbcrouting.retry.FallbackReads;
import io.github.r2dbcrouting.retry.RetryCounts;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.services.AbandonedExchanges;
import io.github.r2dbcrouting.session.CatchUpCounts;
import io.github.r2dbcrouting.session.LossCounts;
import io.github.r2dbcrouting.session.SessionCounts;
import io.github.r2dbcrouting.session.TokenCounts;
import io.github.r2dbcrouting.switches.ShadowCounts;

/** What a factory has counted since it was made. Each call reads the present numbers. */
public interface RoutingCounts {

    /** Returns what became of statements whose node failed them: how many were sent again, and how many could not be. */
    RetryCounts retries();

    /** Returns how many reads are and were on the primary because no replica could serve them. */
    FallbackReads fallbackReads();

    /** Returns how often the default balancer had to pick, since the user's own had thrown or returned what it was not given. */
    long balancerFailures();

    /** Returns how often the user's own node selectors left nobody out, since they had thrown or returned what they were not given. */
    long selectorFailures();

    /** Returns how often statements found no free connection to the node that was chosen for them, and what came of it. */
    CrowdCounts crowds();

    /** Returns how often reads had to wait for a replica to show what their session has seen, and what came of it. */
    CatchUpCounts catchUps();

    /** Returns how many sessions have lost writes by failovers, or may have. */
    LossCounts losses();

    /** Returns how often nodes were left out or held back although they answered. */
    OutlierCounts outliers();

    /** Returns what became of the exchanges that were cancelled while they ran. */
    AbandonedExchanges abandonedExchanges();

    /** Returns how many sessions are kept by their keys, and what became of others. */
    SessionCounts sessionCounts();

    /** Returns what operators have switched. */
    Overrides overrides();

    /** Returns where reads would have gone that ran on the primary in shadow mode. */
    ShadowCounts shadow();

    /** Returns how often the list of nodes was asked for, and what came of it; none where nothing is discovered. */
    DiscoveryCounts discoveries();

    /** Returns how many session tokens there were, none where no key for them is set. */
    TokenCounts tokenCounts();
}
