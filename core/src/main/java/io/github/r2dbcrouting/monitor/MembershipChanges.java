package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Changes which nodes are watched, each change as one task of the monitor's single owner. */
final class MembershipChanges {

    private static final Logger log = LoggerFactory.getLogger(TopologyMonitor.class);

    private final MembershipRules rules;
    private final SingleOwner owner;
    private final MonitorLifecycle lifecycle;
    private final ProbeLoops loops;
    private final Supplier<MonitorState> latest;
    private final Consumer<MonitorEvent> step;
    private final Scheduler scheduler;

    /** The highest life of any node that was removed. Touched by the owner only. */
    private long formerLife;

    /**
     * Creates them.
     *
     * @param step publishes the state after an event; what it throws refuses the change
     * @param scheduler calls back whoever asked for a change
     */
    MembershipChanges(
            MembershipRules rules,
            SingleOwner owner,
            MonitorLifecycle lifecycle,
            ProbeLoops loops,
            Supplier<MonitorState> latest,
            Consumer<MonitorEvent> step,
            Scheduler scheduler) {
        this.rules = rules;
        this.owner = owner;
        this.lifecycle = lifecycle;
        this.loops = loops;
        this.latest = latest;
        this.step = step;
        this.scheduler = scheduler;
    }

    /** See {@link TopologyMonitor#add}. */
    Mono<Void> add(NodeSettings node) {
        return perform(before -> {
            step.accept(rules.joining(before, node, formerLife));
            ProbeLoop loop = loops.add(node);
            if (lifecycle.isRunning()) {
                loop.begin();
            }
            log.info("node {} is watched from now on, {}:{}", node.id(), node.host(), node.port());
            return Mono.empty();
        });
    }

    /** See {@link TopologyMonitor#remove} and {@link TopologyMonitor#makeWay}. */
    Mono<Void> remove(NodeId id, boolean replaced) {
        return perform(before -> {
            step.accept(rules.leaving(before, id, replaced));
            NodeState node = before.topology().node(id);
            formerLife = Math.max(formerLife, node == null ? 0 : node.generation());
            log.info("node {} is not watched any more", id);
            return loops.remove(id);
        });
    }

    /** See {@link TopologyMonitor#change}. */
    Mono<Void> change(NodeId node, UnaryOperator<NodeSettings> change) {
        return perform(before -> {
            MonitorEvent.Changed changed = rules.changing(before, node, change);
            step.accept(changed);
            log.info(
                    "node {} counts otherwise: {}, {}",
                    node,
                    changed.node().share(),
                    changed.node().placement());
            return Mono.empty();
        });
    }

    /** Does something on the owner, and then waits elsewhere for what it returns. */
    private Mono<Void> perform(Function<MonitorState, Mono<Void>> change) {
        return Mono.<Mono<Void>>create(sink -> owner.execute(() -> {
                    try {
                        if (lifecycle.hasEnded()) {
                            throw new IllegalStateException(
                                    "the nodes cannot be changed any more: the monitor has ended");
                        }
                        sink.success(change.apply(latest.get()));
                    } catch (Throwable refusal) {
                        // Whoever waits is told, whatever it is.
                        sink.error(refusal);
                    }
                }))
                .publishOn(scheduler)
                .flatMap(Function.identity());
    }
}
