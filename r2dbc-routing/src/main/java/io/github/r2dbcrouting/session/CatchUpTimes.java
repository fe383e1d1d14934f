package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How long replicas take to show what was written, as those who waited have found: an exponentially weighted mean for each. What many
 * find at the same moment counts as much as if one had found it, or a pause of the whole process would seem to be that many late
 * replicas. Of a replica that takes too long a single read finds out from time to time whether it still does.
 */
final class CatchUpTimes {

    private static final double MOST_WEIGHT = 0.2;
    private static final double HALF_LIFE = Duration.ofMillis(200).toNanos();
    private static final long PAUSE = Duration.ofSeconds(1).toNanos();

    private final long patience;
    private final Map<NodeId, Estimate> estimates = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Long> triedAt = new AtomicReference<>();

    /**
     * Creates it without any.
     *
     * @param patience how many nanoseconds are not too long
     */
    CatchUpTimes(long patience) {
        this.patience = patience;
    }

    /** Returns whether the replica is expected to take too long; not while nothing is known. */
    boolean isLate(NodeId replica) {
        Estimate known = estimates.get(replica);
        return known != null && known.nanos() > patience;
    }

    /** Drops what is known of a node that has gone. */
    void forget(NodeId node) {
        estimates.remove(node);
    }

    /** Returns whether it is time for a read to wait though all are late; its turn is then taken. */
    boolean takeTrial(long now) {
        Long last = triedAt.get();
        return (last == null || now - last >= PAUSE) && triedAt.compareAndSet(last, now);
    }

    /** Notes how long somebody waited for a replica. */
    void waited(NodeId replica, long nanos, long now) {
        // The first one counts no more than any other: a single late replica is no reason not to try.
        Estimate first = new Estimate(MOST_WEIGHT * nanos, now);
        estimates.merge(replica, first, (known, ignored) -> next(known, nanos, now));
    }

    private Estimate next(Estimate known, long nanos, long now) {
        if (known.nanos() > patience && nanos <= patience) {
            return new Estimate(nanos, now);
        }
        double weight = Math.min(MOST_WEIGHT, 1 - Math.pow(0.5, Math.max(0, now - known.notedAt()) / HALF_LIFE));
        return new Estimate((1 - weight) * known.nanos() + weight * nanos, now);
    }

    private record Estimate(double nanos, long notedAt) {}
}
