package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import java.time.Duration;

/**
 * The pool of each node.
 *
 * @param initialSize connections opened when a pool comes to life; 0 to {@code maxSize}
 * @param maxSize the most connections to one node; at least 1
 * @param maxIdleTime after which an unused connection is closed; positive
 * @param maxLifeTime after which a connection is closed when it comes back; positive
 * @param acquireTimeout how long a statement waits for a free connection, or for a primary while there is none; positive
 */
public record PoolSettings(
        int initialSize, int maxSize, Duration maxIdleTime, Duration maxLifeTime, Duration acquireTimeout) {

    public PoolSettings {
        if (maxSize < 1) {
            throw new InvalidRoutingOptionException(
                    "maxSize", "is " + maxSize, "at least 1", "give each node's pool room for a connection");
        }
        if (initialSize < 0 || initialSize > maxSize) {
            throw new InvalidRoutingOptionException(
                    "initialSize",
                    "is " + initialSize,
                    "0 to maxSize, which is " + maxSize,
                    "lower it or raise maxSize");
        }
        Durations.require("maxIdleTime", maxIdleTime);
        Durations.require("maxLifeTime", maxLifeTime);
        Durations.require("acquireTimeout", acquireTimeout);
    }

    /** Returns up to 10 connections a node, closed after 30 idle minutes or a life of one hour. */
    public static PoolSettings defaults() {
        return new PoolSettings(0, 10, Duration.ofMinutes(30), Duration.ofHours(1), Duration.ofSeconds(5));
    }
}
