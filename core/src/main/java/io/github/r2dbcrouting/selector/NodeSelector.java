package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.List;

/**
 * One rule for which nodes may serve. It is pure, and asked once for each snapshot, not for each statement: what it returns
 * holds until the next snapshot. Its {@code toString} is what an explanation says of the nodes that it has left out.
 *
 * <p>A rule about single nodes is a {@link NodeCondition}. One that compares them, such as "the three nearest", is this.
 */
@FunctionalInterface
public interface NodeSelector {

    /**
     * Leaves out what must not serve.
     *
     * @param topology the snapshot
     * @param candidates nodes of the snapshot that the rules before have left; may be empty
     * @return those of them that remain, in their order; where none does, reads go to the primary or fail
     */
    List<NodeState> select(Topology topology, List<NodeState> candidates);

    /**
     * Returns a selector under a name.
     *
     * @param name for explanations: {@code "only the nearest three"}
     */
    static NodeSelector named(String name, NodeSelector selector) {
        return new NamedSelector(name, selector);
    }
}
