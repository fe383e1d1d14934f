package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeProblem.Kind;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;

/** Counts how often nodes were left out or held back. Written by one thread at a time, read by any. */
public final class OutlierTally {

    private volatile OutlierCounts counts = new OutlierCounts(0, 0, 0, 0);

    /** Takes note of the next snapshot. */
    public void follow(Topology before, Topology after) {
        OutlierCounts last = counts;
        long failing = last.failing();
        long slow = last.slow();
        long flapping = last.flapping();
        int leftOut = 0;
        for (NodeState node : after.nodes()) {
            NodeProblem problem = leftOutFor(node);
            if (problem == null) {
                continue;
            }
            leftOut++;
            if (!problem.equals(leftOutFor(before.node(node.id())))) {
                failing += problem.kind() == Kind.FAILING ? 1 : 0;
                slow += problem.kind() == Kind.SLOW ? 1 : 0;
                flapping += problem.kind() == Kind.FLAPPING ? 1 : 0;
            }
        }
        OutlierCounts next = new OutlierCounts(failing, slow, flapping, leftOut);
        if (!next.equals(last)) {
            counts = next;
        }
    }

    public OutlierCounts counts() {
        return counts;
    }

    private static @Nullable NodeProblem leftOutFor(@Nullable NodeState node) {
        NodeProblem problem = node == null ? null : node.problem();
        return problem != null && problem.isBehaviour() ? problem : null;
    }
}
