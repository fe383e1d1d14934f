package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * One thing that operators switch.
 *
 * @param kind what it is about
 * @param node the node that it is about, or {@code null} for all
 */
public record OperatorSwitch(Kind kind, @Nullable NodeId node) {

    /** What switches are about. */
    public enum Kind {
        /** Whether reads go to replicas at all. */
        ROUTING("routing"),
        /** Whether replicas that are too far behind are left out. */
        LAG_CHECKS("lag checks"),
        /** Whether a node is given reads. */
        EXCLUSION("exclusion"),
        /** How far replicas may be behind. */
        MAX_LAG("maxLag"),
        /** How many of the reads go to replicas. */
        REPLICA_SHARE("replica share"),
        /** Whether decisions are recorded only. */
        SHADOW("shadow mode");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Returns the switch that is about all nodes. */
    public static OperatorSwitch of(Kind kind) {
        return new OperatorSwitch(kind, null);
    }

    @Override
    public String toString() {
        return node == null ? kind.toString() : kind + " of " + node;
    }
}
