package io.github.r2dbcrouting.topology;

import io.github.r2dbcrouting.position.ReplicationPosition;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far a node had come when it was last sampled.
 *
 * @param position the position whose changes are visible to its readers; for a primary the flushed position
 * @param sampledAt when the sample's probe was <em>sent</em>, in nanoseconds of the factory's monotonic clock
 * @param roundTrip how long probes take, smoothed: each new one counts a fifth
 * @param lag the upper bound of how far the node was behind the primary when it was sampled, or when it last refused
 *     to be; zero for the primary, {@code null} while unknown. For a replica that has everything it lies between zero and about one probe interval: the
 *     time since the primary was asked last, since no more can be known without asking
 * @param link the connection over which it receives changes
 */
public record Replication(
        ReplicationPosition position,
        long sampledAt,
        Duration roundTrip,
        @Nullable Duration lag,
        ReplicationLink link) {

    /**
     * Returns the upper bound of how stale a read on the node is at {@code now}, or {@code null} while unknown. The time
     * since the sample is part of it, since the node may have stopped replaying right after.
     *
     * @param now nanoseconds of the same clock as {@link #sampledAt()}
     */
    public @Nullable Duration staleness(long now) {
        return lag == null ? null : lag.plusNanos(Math.max(0, now - sampledAt));
    }
}
