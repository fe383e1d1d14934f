package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.Places;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What nodes must be like for one kind of read.
 *
 * @param maxLag how far they may be behind while there is a primary, or {@code null} if the read does not say
 * @param bound how stale they may be at most, also without a primary, or {@code null}
 * @param places which come first
 * @param primaryToo whether the primary is one of them, rather than what is left when none will do
 */
record Limits(@Nullable Duration maxLag, @Nullable Duration bound, Places places, boolean primaryToo) {

    /** Returns what hints ask for; who says how stale what he reads may be need not say how far behind. */
    static Limits of(RoutingHints hints, boolean primaryToo) {
        Duration bound = hints.bound();
        Duration asked = hints.maxLag();
        return new Limits(asked != null ? asked : bound, bound, hints.places(), primaryToo);
    }
}
