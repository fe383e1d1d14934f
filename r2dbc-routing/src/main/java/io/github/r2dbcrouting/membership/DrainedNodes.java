package io.github.r2dbcrouting.membership;

import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.topology.NodeId;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What operators have switched, with the nodes that are drained excluded as well. Apart from the switches, since an exclusion that expires
 * must not give work to a node that is drained.
 */
public final class DrainedNodes implements Supplier<Overrides> {

    private static final AtomicReferenceFieldUpdater<DrainedNodes, Drained> DRAINED =
            AtomicReferenceFieldUpdater.newUpdater(DrainedNodes.class, Drained.class, "drained");

    private final Supplier<Overrides> switched;
    private volatile Drained drained = new Drained(Set.of());
    private volatile @Nullable Merged latest;

    /** Creates it without drained nodes. */
    public DrainedNodes(Supplier<Overrides> switched) {
        this.switched = switched;
    }

    private record Drained(Set<NodeId> nodes) {}

    private record Merged(Overrides switched, Drained drained, Overrides overrides) {}

    /** Returns what holds now: the same object until something is switched. Quick, for the path of statements. */
    @Override
    public Overrides get() {
        Overrides present = switched.get();
        Drained nodes = drained;
        Merged known = latest;
        if (known != null && known.switched == present && known.drained == nodes) {
            return known.overrides;
        }
        Overrides merged = present;
        for (NodeId node : nodes.nodes) {
            merged = merged.excluding(node);
        }
        latest = new Merged(present, nodes, merged);
        return merged;
    }

    /** Excludes a node. Returns whether it was not before. */
    boolean add(NodeId node) {
        return change(nodes -> nodes.add(node));
    }

    /** Includes a node again. Returns whether it was excluded here. */
    boolean remove(NodeId node) {
        return change(nodes -> nodes.remove(node));
    }

    boolean contains(NodeId node) {
        return drained.nodes.contains(node);
    }

    Set<NodeId> all() {
        return drained.nodes;
    }

    private boolean change(Predicate<Set<NodeId>> step) {
        while (true) {
            Drained before = drained;
            Set<NodeId> after = new HashSet<>(before.nodes);
            if (!step.test(after)) {
                return false;
            }
            if (DRAINED.compareAndSet(this, before, new Drained(Set.copyOf(after)))) {
                return true;
            }
        }
    }
}
