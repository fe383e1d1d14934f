package io.github.r2dbcrouting.settings;

import java.time.Duration;

/**
 * Where the list of nodes comes from.
 *
 * @param mode from whom
 * @param interval how often it is asked for; positive
 */
public record DiscoverySettings(Mode mode, Duration interval) {

    /** From whom the list of nodes comes. */
    public enum Mode {
        /** The nodes that were named are all. */
        STATIC,
        /** The names that were given stand for all that the domain name system has for them. */
        DNS,
        /** The nodes that were named are where the search begins; the primary among them names its replicas. */
        SERVER,
        /** A discovery of the user's own, which only a builder takes. */
        OWN
    }

    public DiscoverySettings {
        Durations.require("discoveryInterval", interval);
    }

    /** Returns the nodes that were named, and no others. */
    public static DiscoverySettings defaults() {
        return new DiscoverySettings(Mode.STATIC, Duration.ofSeconds(30));
    }
}
