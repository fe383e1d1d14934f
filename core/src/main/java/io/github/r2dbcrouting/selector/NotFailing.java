package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The node does not fail statement after statement. */
record NotFailing() implements NodeCondition {

    @Override
    public @Nullable Objection objection(Topology topology, NodeState node) {
        return node.isFailing()
                ? Objection.of("failing", Objects.requireNonNull(node.problem()).toString())
                : null;
    }

    @Override
    public String toString() {
        return "not failing";
    }
}
