package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import java.time.Duration;

/**
 * What is sent again after a fault of its node, how often, and how much of it at once.
 *
 * @param retries how often at most one statement, or one {@code BEGIN}, is sent again; 0 for never
 * @param firstBackoff the longest pause before the second retry, doubled with each further one; the first has none, since it
 *     goes to another node; positive
 * @param longestBackoff where the doubling ends; not shorter than {@code firstBackoff}
 * @param deadline how long after its first fault a statement may be sent again; positive
 * @param perSecond how many retries a second the budget always allows; at least 1. It saves up ten seconds' worth
 * @param share how many retries the budget allows besides, for each statement; 0 to 1
 * @param fallback the reads that run on the primary because no replica can serve them
 */
public record RetrySettings(
        int retries,
        Duration firstBackoff,
        Duration longestBackoff,
        Duration deadline,
        int perSecond,
        double share,
        Fallback fallback) {

    public RetrySettings {
        if (retries < 0) {
            throw new InvalidRoutingOptionException(
                    "retries", "is " + retries, "0 or more", "use 0 to switch retries off");
        }
        Durations.require("retryBackoff", firstBackoff);
        Durations.require("maxRetryBackoff", longestBackoff);
        Durations.require("retryDeadline", deadline);
        if (longestBackoff.compareTo(firstBackoff) < 0) {
            throw new InvalidRoutingOptionException(
                    "maxRetryBackoff",
                    "is " + longestBackoff,
                    "retryBackoff, which is " + firstBackoff + ", or more",
                    "raise it or lower retryBackoff");
        }
        if (perSecond < 1) {
            throw new InvalidRoutingOptionException(
                    "retriesPerSecond",
                    "is " + perSecond,
                    "at least 1",
                    "raise it, or set retries to 0 to switch retries off");
        }
        if (!(share >= 0 && share <= 1)) {
            throw new InvalidRoutingOptionException(
                    "retryShare",
                    "is " + share,
                    "0 to 1, retries for each statement",
                    "leave it at its default or raise retriesPerSecond");
        }
    }

    /**
     * The reads that wanted a replica and run on the primary, at one time.
     *
     * @param limit how many connections to the primary they may have; at least 1
     * @param queue how many more may wait for one; 0 or more
     * @param timeout how long each of them waits; positive
     */
    public record Fallback(int limit, int queue, Duration timeout) {

        public Fallback {
            if (limit < 1) {
                throw new InvalidRoutingOptionException(
                        "maxFallbackReads",
                        "is " + limit,
                        "at least 1",
                        "raise it, or set readPreference to replica so that no read goes to the primary for want of a replica");
            }
            if (queue < 0) {
                throw new InvalidRoutingOptionException(
                        "fallbackQueue", "is " + queue, "0 or more", "use 0 so that no read waits");
            }
            Durations.require("fallbackTimeout", timeout);
        }

        /**
         * Returns half of the usual pool, so that writes keep the other one, and no more than the smallest one has, since any node may become
         * the primary; and up to 1,000 reads that wait 1 s.
         */
        public static Fallback defaults(PerNode<PoolSettings> pools) {
            int half = Math.max(1, pools.common().maxSize() / 2);
            int smallest = pools.own().values().stream()
                    .mapToInt(PoolSettings::maxSize)
                    .min()
                    .orElse(half);
            return new Fallback(Math.min(half, smallest), 1_000, Duration.ofSeconds(1));
        }
    }

    /** Returns two retries, the second after up to 50 ms, within 10 s; at most 10 a second and one for five statements. */
    public static RetrySettings defaults(PerNode<PoolSettings> pools) {
        return new RetrySettings(
                2,
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                10,
                0.2,
                Fallback.defaults(pools));
    }
}
