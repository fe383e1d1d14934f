package io.github.r2dbcrouting.cost;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/** What statements cost, by their texts; of so many as are used most. Safe for concurrent use, without threads of its own. */
public final class QueryCosts {

    private final Cache<String, ObservedCost> costs;
    private final long heavyAfter;

    /**
     * Creates costs of which none is known.
     *
     * @param maximumTexts how many texts are remembered, at least 1
     */
    public QueryCosts(CostSettings settings, int maximumTexts) {
        this.heavyAfter = settings.heavyAfter().toNanos();
        this.costs = Caffeine.newBuilder()
                .maximumSize(maximumTexts)
                .executor(Runnable::run)
                .build();
    }

    /** Returns what a text costs. */
    public ObservedCost of(String sql) {
        ObservedCost known = costs.getIfPresent(sql);
        return known != null ? known : costs.get(sql, text -> new ObservedCost(heavyAfter));
    }
}
