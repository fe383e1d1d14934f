package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.selection.OperatorSwitch;
import io.github.r2dbcrouting.selection.OperatorSwitch.Kind;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is switched, as data. */
sealed interface SwitchChange {

    OperatorSwitch what();

    /** Returns overrides in which it is switched so. */
    Overrides applyTo(Overrides overrides);

    /** Returns it as it stands in the log: {@code "routing off"}. */
    String text();

    /** Returns whether it leaves everything as it is where nobody switches anything. */
    default boolean isUsual() {
        return applyTo(Overrides.NONE).equals(Overrides.NONE);
    }

    /** Reads on replicas at all. */
    record Routing(boolean on) implements SwitchChange {

        @Override
        public OperatorSwitch what() {
            return OperatorSwitch.of(Kind.ROUTING);
        }

        @Override
        public Overrides applyTo(Overrides overrides) {
            return overrides.routing(on);
        }

        @Override
        public String text() {
            return on ? "routing on" : "routing off: reads go to the primary";
        }
    }

    /** A look at lags. */
    record LagChecks(boolean on) implements SwitchChange {

        @Override
        public OperatorSwitch what() {
            return OperatorSwitch.of(Kind.LAG_CHECKS);
        }

        @Override
        public Overrides applyTo(Overrides overrides) {
            return overrides.lagChecks(on);
        }

        @Override
        public String text() {
            return on ? "lag checks on" : "lag checks off: replicas serve reads however far they are behind";
        }
    }

    /** Reads on one node. */
    record Exclusion(NodeId node, boolean excluded) implements SwitchChange {

        @Override
        public OperatorSwitch what() {
            return new OperatorSwitch(Kind.EXCLUSION, node);
        }

        @Override
        public Overrides applyTo(Overrides overrides) {
            return excluded ? overrides.excluding(node) : overrides.including(node);
        }

        @Override
        public String text() {
            return "node " + node + (excluded ? " excluded: it is given no reads" : " included");
        }
    }

    /** The limit of the lag, of one node or of all; {@code null} for what is configured. */
    record MaxLag(@Nullable NodeId node, @Nullable Duration limit) implements SwitchChange {

        @Override
        public OperatorSwitch what() {
            return new OperatorSwitch(Kind.MAX_LAG, node);
        }

        @Override
        public Overrides applyTo(Overrides overrides) {
            return overrides.maxLag(node, limit);
        }

        @Override
        public String text() {
            return "maxLag" + (node == null ? "" : " of node " + node) + " "
                    + (limit == null ? "as configured" : limit.toString());
        }
    }

    /** The share of the reads that go to replicas. */
    record ReplicaShare(int percent) implements SwitchChange {

        @Override
        public OperatorSwitch what() {
            return OperatorSwitch.of(Kind.REPLICA_SHARE);
        }

        @Override
        public Overrides applyTo(Overrides overrides) {
            return overrides.replicaShare(percent);
        }

        @Override
        public String text() {
            return "replica share " + percent + " %";
        }
    }

    /** Decisions that are recorded only. */
    record Shadow(boolean on) implements SwitchChange {

        @Override
        public OperatorSwitch what() {
            return OperatorSwitch.of(Kind.SHADOW);
        }

        @Override
        public Overrides applyTo(Overrides overrides) {
            return overrides.shadow(on);
        }

        @Override
        public String text() {
            return on ? "shadow mode on: decisions are recorded, reads go to the primary" : "shadow mode off";
        }
    }
}
