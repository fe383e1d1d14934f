package io.github.r2dbcrouting;

import io.github.r2dbcrouting.balancing.ContainedBalancer;
import io.github.r2dbcrouting.selection.SelectionSettings;
import io.github.r2dbcrouting.selector.ContainedSelector;
import java.util.List;

/** What of the choice of a node may be the user's own code, so that it can do no harm. */
record ContainedChoice(ContainedBalancer balancer, List<ContainedSelector> selectors) {

    /**
     * Contains what settings name.
     *
     * @param seed from which the balancer begins
     */
    static ContainedChoice of(SelectionSettings settings, long seed) {
        return new ContainedChoice(
                new ContainedBalancer(settings.loadBalancer(), seed),
                settings.selectors().stream().map(ContainedSelector::new).toList());
    }

    /** Returns the same settings with what is contained here. */
    SelectionSettings in(SelectionSettings settings) {
        return settings.narrowedBy(List.copyOf(selectors)).balancedBy(balancer);
    }

    /** Returns how often the selectors had to be passed over. */
    long selectorFailures() {
        return selectors.stream().mapToLong(ContainedSelector::failures).sum();
    }
}
