package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeProblem;
import org.jspecify.annotations.Nullable;

/** What one node is left out or held back for, beside what its probes tell. */
record Standing(Ejection ejection, Flaps flaps) {

    static final Standing NONE = new Standing(Ejection.NONE, Flaps.NONE);

    /** Returns what speaks against the node now, or {@code null}; that it fails statements before anything else. */
    @Nullable
    NodeProblem problem(long now) {
        return ejection.isInForce(now) ? ejection.problem() : flaps.isHeld(now) ? flaps.problem() : null;
    }

    Standing with(Ejection changed) {
        return new Standing(changed, flaps);
    }

    Standing with(Flaps changed) {
        return new Standing(ejection, changed);
    }

    /** Returns the same without what is over. */
    Standing at(long now) {
        boolean served = ejection.problem() != null && !ejection.isInForce(now);
        boolean stable = flaps.problem() != null && !flaps.isHeld(now);
        return served || stable
                ? new Standing(served ? ejection.ended(now) : ejection, stable ? flaps.ended() : flaps)
                : this;
    }
}
