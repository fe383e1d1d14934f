package io.github.r2dbcrouting.membership;

import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.membership.DrainProgress.Phase;
import io.github.r2dbcrouting.membership.DrainedNodes.By;
import io.github.r2dbcrouting.pool.NodeAccess;
import io.github.r2dbcrouting.pool.NodePool;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.settings.Durations;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Waits until nothing is on a node that gets nothing more.
 *
 * @param topology the latest snapshot
 * @param by who drains
 * @param timers times the waiting, and tells of it
 * @param cutOffLimit how long is waited for what was cut off
 */
record Drain(
        Supplier<Topology> topology,
        NodePools pools,
        DrainedNodes drained,
        By by,
        Scheduler timers,
        Duration cutOffLimit) {

    private static final Logger logger = LoggerFactory.getLogger(RoutingNodes.class);

    /** How often is looked whether connections are back. */
    private static final Duration TICK = Duration.ofMillis(20);

    /** See {@link RoutingNodes#drain(String, Duration)}; the node must be a known one. */
    Flux<DrainProgress> of(NodeId node, Duration timeout, boolean hard) {
        return Flux.defer(() -> {
            // Before anything is changed, which nobody would take back.
            long patience = Durations.requireTimeout("the timeout for draining node " + node, timeout)
                    .toNanos();
            requireReplica(
                    node,
                    "drained: it is the primary, and writes have nowhere else to go; switch over to another node first");
            if (drained.add(node, by)) {
                logger.info("node {} is drained: it gets nothing more", node);
            }
            tellPool(node);
            NodePool pool = pool(node);
            long end = now() + patience;
            return evict(node)
                    .thenMany(Flux.interval(Duration.ZERO, TICK, timers).onBackpressureDrop())
                    .map(tick -> look(node, pool, end))
                    .distinctUntilChanged(progress -> List.of(progress.phase(), progress.lent(), progress.held()))
                    .takeUntil(DrainProgress::isFinal)
                    .concatMap(progress -> progress.phase() == Phase.OVERDUE && hard
                            ? cutOff(progress, timeout)
                            : progress.isFinal() ? evict(node).thenReturn(progress) : Mono.just(progress))
                    .doOnNext(progress -> {
                        if (progress.isFinal()) {
                            logger.atLevel(progress.phase() == Phase.CUT_OFF ? Level.WARN : Level.INFO)
                                    .log("{}", progress);
                        }
                    })
                    .doOnError(error -> {
                        // Whoever has become the primary meanwhile must not be left out when it is a replica again.
                        drained.remove(node);
                        tellPool(node);
                    });
        });
    }

    /** Returns whether the node was drained by this one alone, so that it is drained no more. */
    boolean end(NodeId node) {
        boolean ended = drained.remove(node, by);
        if (ended) {
            tellPool(node);
        }
        return ended;
    }

    /** Whoever tells it something that has changed meanwhile tells it again. */
    private void tellPool(NodeId node) {
        NodePool pool = pool(node);
        NodeState state = topology.get().node(node);
        if (pool == null || state == null) {
            return;
        }
        boolean told;
        do {
            told = drained.contains(node);
            if (told) {
                pool.holdBack();
            } else {
                pool.resume(state);
            }
        } while (drained.contains(node) != told);
    }

    private DrainProgress look(NodeId node, @Nullable NodePool drainedPool, long end) {
        List<String> held =
                held(node).stream().map(DriverConnection::toString).sorted().toList();
        Duration left = Duration.ofNanos(Math.max(0, end - now()));
        NodePool pool = pool(node);
        // What is being opened for somebody is lent before it is held, and a moment longer.
        int lent = Math.max(held.size(), pool == null ? 0 : pool.lent());
        if (topology.get().node(node) == null || pool != drainedPool) {
            // Somebody has removed it meanwhile, which is done when nothing is on it.
            return new DrainProgress(node, Phase.DRAINED, 0, List.of(), left);
        }
        if (!drained.contains(node, by)) {
            return new DrainProgress(node, Phase.RESUMED, lent, held, left);
        }
        requireReplica(node, "drained any more: it has become the primary");
        Phase phase = lent == 0 ? Phase.DRAINED : left.isZero() ? Phase.OVERDUE : Phase.WAITING;
        return new DrainProgress(node, phase, lent, held, left);
    }

    private void requireReplica(NodeId node, String refusal) {
        NodeState primary = topology.get().primary();
        if (primary != null && primary.id().equals(node)) {
            throw new IllegalStateException("node " + node + " cannot be " + refusal);
        }
    }

    /** Whoever had chosen the node before may have opened a connection since, so that this is done in the end, too. */
    private Mono<Void> evict(NodeId node) {
        NodePool pool = pool(node);
        return pool == null ? Mono.empty() : pool.evict().then();
    }

    private Mono<DrainProgress> cutOff(DrainProgress overdue, Duration timeout) {
        return Mono.defer(() -> {
            String reason =
                    "node " + overdue.node() + " was drained and it did not end within " + timeout.toMillis() + " ms";
            NodePool pool = pool(overdue.node());
            DrainProgress cut =
                    new DrainProgress(overdue.node(), Phase.CUT_OFF, overdue.lent(), overdue.held(), Duration.ZERO);
            Mono<Void> cutting =
                    pool == null ? Mono.empty() : pool.cutOff(reason).then();
            return cutting.thenMany(Flux.interval(Duration.ZERO, TICK, timers))
                    .onBackpressureDrop()
                    .filter(tick -> held(overdue.node()).isEmpty())
                    .next()
                    .then()
                    .timeout(cutOffLimit, Mono.empty(), timers)
                    .then(evict(overdue.node()))
                    .thenReturn(cut);
        });
    }

    private List<DriverConnection> held(NodeId node) {
        NodePool pool = pool(node);
        return pool == null ? List.of() : pool.held();
    }

    private @Nullable NodePool pool(NodeId node) {
        NodeAccess access = pools.access(node);
        return access == null ? null : access.pool();
    }

    private long now() {
        return timers.now(TimeUnit.NANOSECONDS);
    }
}
