package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long replicas take to show what was written, as those who waited have found: an exponentially weighted mean for each, which
 * halves with every second in which nobody has waited, so that a replica which was late is tried again.
 */
final class CatchUpTimes {

    private static final double WEIGHT = 0.2;
    private static final double HALF_LIFE = Duration.ofSeconds(1).toNanos();

    private final Map<NodeId, Estimate> estimates = new ConcurrentHashMap<>();

    /** Returns how long the replica is expected to take, in nanoseconds; 0 while nothing is known. */
    long expected(NodeId replica, long now) {
        Estimate known = estimates.get(replica);
        return known == null ? 0 : known.at(now);
    }

    /** Notes how long somebody waited for a replica. */
    void waited(NodeId replica, long nanos, long now) {
        // The first one counts no more than any other: a single late replica is no reason not to try.
        Estimate first = new Estimate(0, now).with(nanos, now);
        estimates.merge(replica, first, (known, ignored) -> known.with(nanos, now));
    }

    private record Estimate(double nanos, long notedAt) {

        long at(long now) {
            return (long) (nanos * Math.pow(0.5, (now - notedAt) / HALF_LIFE));
        }

        Estimate with(long more, long now) {
            return new Estimate((1 - WEIGHT) * at(now) + WEIGHT * more, now);
        }
    }
}
