package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.selection.Overrides;

/**
 * How a factory begins that operators have switched nothing of yet.
 *
 * @param routing whether reads go to replicas
 * @param replicaShare how many of a hundred reads that might go to replicas do so; 0 to 100
 */
public record SwitchSettings(Mode routing, int replicaShare) {

    /** Whether reads go to replicas. */
    public enum Mode {
        /** They do. */
        ON,
        /** They go to the primary. */
        OFF,
        /** They go to the primary, and where they would have gone is recorded. */
        SHADOW
    }

    public SwitchSettings {
        if (replicaShare < 0 || replicaShare > Overrides.LOTS) {
            throw new InvalidRoutingOptionException(
                    "replicaShare",
                    "is " + replicaShare,
                    "0 to " + Overrides.LOTS + ", reads of a hundred",
                    "leave it at its default to send all to replicas");
        }
    }

    /** Returns all reads on replicas. */
    public static SwitchSettings defaults() {
        return new SwitchSettings(Mode.ON, Overrides.LOTS);
    }

    /** Returns what that means for the routing. */
    public Overrides overrides() {
        return Overrides.NONE
                .routing(routing != Mode.OFF)
                .shadow(routing == Mode.SHADOW)
                .replicaShare(replicaShare);
    }
}
