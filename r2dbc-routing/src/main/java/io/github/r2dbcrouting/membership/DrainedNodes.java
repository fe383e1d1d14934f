package io.github.r2dbcrouting.membership;

import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.topology.NodeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
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
    private volatile Drained drained = new Drained(Map.of());
    private volatile @Nullable Merged latest;

    /** Creates it without drained nodes. */
    public DrainedNodes(Supplier<Overrides> switched) {
        this.switched = switched;
    }

    /** Who wants it: what one has drained, the other does not resume. */
    public enum By {
        OPERATORS,
        DISCOVERY
    }

    private record Drained(Map<NodeId, Set<By>> nodes) {}

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
        for (NodeId node : nodes.nodes.keySet()) {
            merged = merged.excluding(node, "it is drained");
        }
        latest = new Merged(present, nodes, merged);
        return merged;
    }

    /** Excludes a node. Returns whether nobody had before. */
    boolean add(NodeId node, By by) {
        return change(node, present -> present.add(by)).isEmpty();
    }

    /** Includes a node again, unless somebody else has excluded it as well. Returns whether it is included by this. */
    boolean remove(NodeId node, By by) {
        return change(node, present -> present.remove(by)).equals(Set.of(by));
    }

    /** Includes a node again, whoever has excluded it. Returns whether it was excluded. */
    boolean remove(NodeId node) {
        return !change(node, Set::clear).isEmpty();
    }

    boolean contains(NodeId node) {
        return drained.nodes.containsKey(node);
    }

    boolean contains(NodeId node, By by) {
        return by(drained, node).contains(by);
    }

    Set<NodeId> all() {
        return drained.nodes.keySet();
    }

    private static Set<By> by(Drained drained, NodeId node) {
        return drained.nodes.getOrDefault(node, Set.of());
    }

    /** Returns who had excluded the node before. */
    private Set<By> change(NodeId node, Consumer<Set<By>> step) {
        while (true) {
            Drained before = drained;
            Set<By> present = by(before, node);
            Set<By> wanted = new HashSet<>(present);
            step.accept(wanted);
            if (wanted.equals(present)) {
                return present;
            }
            Map<NodeId, Set<By>> after = new HashMap<>(before.nodes);
            if (wanted.isEmpty()) {
                after.remove(node);
            } else {
                after.put(node, Set.copyOf(wanted));
            }
            if (DRAINED.compareAndSet(this, before, new Drained(Map.copyOf(after)))) {
                return present;
            }
        }
    }
}
