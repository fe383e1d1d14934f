package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What operators have switched for the time being, above all settings and hints.
 *
 * @param routing whether reads go to replicas at all; otherwise everything goes to the primary
 * @param lagChecks whether replicas beyond {@code maxLag} are left out
 * @param excluded nodes that are given no reads
 * @param maxLag how far replicas may be behind instead of what the settings say, or {@code null}
 * @param replicaShare how many of a hundred eligible reads go to replicas, 0 to 100
 * @param shadow whether decisions are made and recorded, but everything runs on the primary
 */
public record Overrides(
        boolean routing,
        boolean lagChecks,
        Set<NodeId> excluded,
        @Nullable Duration maxLag,
        int replicaShare,
        boolean shadow) {

    /** Nothing is switched. */
    public static final Overrides NONE = new Overrides(true, true, Set.of(), null, 100, false);

    public Overrides {
        excluded = Set.copyOf(excluded);
        if (replicaShare < 0 || replicaShare > 100) {
            throw new IllegalArgumentException("the replica share must be 0 to 100 %, got " + replicaShare);
        }
        if (maxLag != null && (maxLag.isZero() || maxLag.isNegative())) {
            throw new IllegalArgumentException("maxLag must be positive, got " + maxLag);
        }
    }

    /** Returns the same with one more node excluded. */
    public Overrides excluding(NodeId node) {
        Set<NodeId> more = new HashSet<>(excluded);
        more.add(node);
        return new Overrides(routing, lagChecks, more, maxLag, replicaShare, shadow);
    }

    /** Returns the same with a node included again. */
    public Overrides including(NodeId node) {
        Set<NodeId> fewer = new HashSet<>(excluded);
        fewer.remove(node);
        return new Overrides(routing, lagChecks, fewer, maxLag, replicaShare, shadow);
    }
}
