package io.github.r2dbcrouting.discovery;

import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.Placement;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a node otherwise than before. What was told before as it is now does not change what somebody else has set since.
 *
 * @param before what was told last
 * @param now what is told of the same node, found where it was
 */
record Retelling(NodeSettings before, NodeSettings now) implements UnaryOperator<NodeSettings> {

    boolean isEmpty() {
        return before.share().equals(now.share())
                && before.placement().equals(now.placement())
                && Objects.equals(before.maxLag(), now.maxLag());
    }

    @Override
    public NodeSettings apply(NodeSettings present) {
        return present.sharing(share(before.share(), now.share(), present.share()))
                .at(placement(before.placement(), now.placement(), present.placement()))
                .within(told(before.maxLag(), now.maxLag(), present.maxLag()));
    }

    private static NodeShare share(NodeShare before, NodeShare now, NodeShare present) {
        return new NodeShare(
                before.weight() == now.weight() ? present.weight() : now.weight(),
                before.priority() == now.priority() ? present.priority() : now.priority(),
                before.cost() == now.cost() ? present.cost() : now.cost());
    }

    private static Placement placement(Placement before, Placement now, Placement present) {
        return new Placement(
                told(before.region(), now.region(), present.region()),
                told(before.zone(), now.zone(), present.zone()),
                before.tags().equals(now.tags()) ? present.tags() : now.tags());
    }

    private static <T> @Nullable T told(@Nullable T before, @Nullable T now, @Nullable T present) {
        return Objects.equals(before, now) ? present : now;
    }
}
