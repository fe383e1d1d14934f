package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The loops of all nodes. Unless said otherwise its methods run on the monitor's single owner. */
final class ProbeLoops {

    private final Function<NodeSettings, ProbeLoop> loopOf;
    private final Consumer<Runnable> owner;
    private volatile Map<NodeId, ProbeLoop> loops = Map.of();

    /** Those of removed nodes whose connections are still being closed. */
    private final List<Mono<Void>> leaving = new ArrayList<>();

    /**
     * Creates the loops of no node.
     *
     * @param loopOf makes the loop of a node, at rest
     * @param owner runs a task on the monitor's single owner
     */
    ProbeLoops(Function<NodeSettings, ProbeLoop> loopOf, Consumer<Runnable> owner) {
        this.loopOf = loopOf;
        this.owner = owner;
    }

    /** Returns the loop of a node, or {@code null} if it is not watched. Any thread: one volatile read. */
    @Nullable
    ProbeLoop of(NodeId node) {
        return loops.get(node);
    }

    /** Adds a loop at rest for a node that has none. */
    ProbeLoop add(NodeSettings node) {
        ProbeLoop loop = loopOf.apply(node);
        Map<NodeId, ProbeLoop> more = new LinkedHashMap<>(loops);
        if (more.put(node.id(), loop) != null) {
            throw new IllegalArgumentException("two nodes are named " + node.id() + "; give each its own name");
        }
        loops = Collections.unmodifiableMap(more);
        return loop;
    }

    /**
     * Stops the loop of a node for good: no answer of that node counts from now on, also not as one of another node that gets
     * its name. Returns what completes when its connection is closed, or after the time-out.
     */
    Mono<Void> remove(NodeId node) {
        Map<NodeId, ProbeLoop> fewer = new LinkedHashMap<>(loops);
        ProbeLoop loop = fewer.remove(node);
        loops = Collections.unmodifiableMap(fewer);
        if (loop == null) {
            return Mono.empty();
        }
        Mono<Void> closed = loop.stop();
        leaving.add(closed);
        // It ends with the time-out at the latest, and does not fail. Not left to the caller, who may cancel.
        closed.subscribe(null, null, () -> owner.accept(() -> leaving.remove(closed)));
        return closed;
    }

    void begin() {
        loops.values().forEach(ProbeLoop::begin);
    }

    /** Stops all loops. Returns what completes when all connections are closed, or after the time-out. */
    Mono<Void> stop() {
        List<Mono<Void>> closing = new ArrayList<>(leaving);
        loops.values().forEach(loop -> closing.add(loop.stop()));
        return Mono.when(closing);
    }

    /** Has all nodes probed again soon. */
    void suspect() {
        loops.values().forEach(ProbeLoop::suspect);
    }
}
