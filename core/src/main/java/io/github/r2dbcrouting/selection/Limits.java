package io.github.r2dbcrouting.selection;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What replicas must be like for one kind of read.
 *
 * @param maxLag how far they may be behind while there is a primary
 * @param bound how stale they may be at most, also without a primary, or {@code null}
 * @param region whose replicas come first, or {@code null}
 */
record Limits(
        Duration maxLag, @Nullable Duration bound, @Nullable String region) {

    /** Returns whether hints ask for anything else than the factory. */
    static boolean areOf(RoutingHints hints) {
        return hints.maxLag() != null || hints.region() != null || hints.bound() != null;
    }

    /** Returns what hints ask for; a bound takes the place of what the factory allows. */
    static Limits of(RoutingHints hints, Duration allowed) {
        Duration bound = hints.bound();
        Duration asked = hints.maxLag();
        return new Limits(asked != null ? asked : bound != null ? bound : allowed, bound, hints.region());
    }
}
