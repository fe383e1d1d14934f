package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The pool of one node.
 *
 * @param size how many connections there are
 * @param maxIdleTime after which an unused connection is closed; positive
 * @param maxLifeTime after which a connection is closed when it comes back; positive. Each one's life is shorter than this
 *     by up to a fifth, so that those which were opened together do not end together
 * @param warmUp how long reads are kept from a pool that has come to life, while its first connections are being opened; zero
 *     for not at all
 * @param queue who waits for a connection
 * @param timeouts the driver's own limits
 */
public record PoolSettings(
        Size size, Duration maxIdleTime, Duration maxLifeTime, Duration warmUp, Queue queue, Timeouts timeouts) {

    public PoolSettings {
        Durations.require("maxIdleTime", maxIdleTime);
        Durations.require("maxLifeTime", maxLifeTime);
        if (!warmUp.isZero()) {
            Durations.require("warmUp", warmUp);
            if (size.first() == 0) {
                throw new InvalidRoutingOptionException(
                        "warmUp",
                        "is " + warmUp + ", but there is nothing to open in this time",
                        "initialSize or minIdle of at least 1 for each node",
                        "set one of them, or take warmUp out");
            }
        }
    }

    /** Returns up to 10 connections a node, closed after 30 idle minutes or a life of one hour. */
    public static PoolSettings defaults() {
        return new PoolSettings(
                new Size(0, 0, 10),
                Duration.ofMinutes(30),
                Duration.ofHours(1),
                Duration.ZERO,
                Queue.defaults(),
                Timeouts.NONE);
    }

    /** Returns the same for a node of another size and with other limits. */
    public PoolSettings with(Size other, Timeouts limits) {
        return new PoolSettings(other, maxIdleTime, maxLifeTime, warmUp, queue, limits);
    }

    /** Returns the most connections to the node. */
    public int maxSize() {
        return size.max();
    }

    /**
     * How many connections a pool has: it grows with demand, and shrinks as they are not used.
     *
     * @param initial opened when the pool comes to life; 0 to {@code max}
     * @param minIdle how many unused ones are kept ready besides those in use, as far as {@code max} allows; 0 to {@code max}
     * @param max the most; at least 1
     */
    public record Size(int initial, int minIdle, int max) {

        public Size {
            if (max < 1) {
                throw new InvalidRoutingOptionException(
                        "maxSize", "is " + max, "at least 1", "give each node's pool room for a connection");
            }
            requireWithin("initialSize", initial, max);
            requireWithin("minIdle", minIdle, max);
        }

        private static void requireWithin(String option, int value, int max) {
            if (value < 0 || value > max) {
                throw new InvalidRoutingOptionException(
                        option, "is " + value, "0 to maxSize, which is " + max, "lower it or raise maxSize");
            }
        }

        /** Returns how many are opened when the pool comes to life. */
        public int first() {
            return Math.max(initial, minIdle);
        }
    }

    /**
     * Who waits for a connection of a pool that has none left.
     *
     * @param acquireTimeout how long a statement waits for a free connection, or for a primary while there is none; positive
     * @param acquireQueue how many may wait for one; 0 or more
     * @param spillAfter how many may wait before reads go to another node that would do as well; 0 or more
     */
    public record Queue(Duration acquireTimeout, int acquireQueue, int spillAfter) {

        public Queue {
            Durations.require("acquireTimeout", acquireTimeout);
            requireNotNegative("acquireQueue", acquireQueue, "use 0 so that no statement waits");
            requireNotNegative("spillAfter", spillAfter, "use 0 so that no read waits while another node has room");
        }

        private static void requireNotNegative(String option, int value, String remedy) {
            if (value < 0) {
                throw new InvalidRoutingOptionException(option, "is " + value, "0 or more", remedy);
            }
        }

        /** Returns 5 s, 10,000 who may wait, and none while another node has room. */
        public static Queue defaults() {
            return new Queue(Duration.ofSeconds(5), 10_000, 0);
        }
    }

    /**
     * Limits that the driver is given for the connections to one node, in the place of those among its options.
     *
     * @param connect how long it may take to connect by TCP; positive, or {@code null} for what the driver's options say
     * @param statement after how long the server gives up a statement; positive, or {@code null} for what the driver's
     *     options say
     */
    public record Timeouts(
            @Nullable Duration connect, @Nullable Duration statement) {

        /** What the driver's options say. */
        public static final Timeouts NONE = new Timeouts(null, null);

        public Timeouts {
            if (connect != null) {
                Durations.require("connectTimeouts", connect);
            }
            if (statement != null) {
                Durations.require("statementTimeouts", statement);
            }
        }

        /** Returns a driver's options with these limits among them. */
        public ConnectionFactoryOptions over(ConnectionFactoryOptions driver) {
            ConnectionFactoryOptions.Builder limited = driver.mutate();
            if (connect != null) {
                limited.option(ConnectionFactoryOptions.CONNECT_TIMEOUT, connect);
            }
            if (statement != null) {
                limited.option(ConnectionFactoryOptions.STATEMENT_TIMEOUT, statement);
            }
            return limited.build();
        }
    }
}
