package io.github.r2dbcrouting.discovery;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.membership.RoutingNodes;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Keeps a factory's nodes in step with a {@link NodeDiscovery}. What it tells is added at once. What it does not tell any more is removed
 * only if this watch has added it, and when it was missing twice: a node that is missing once may be about to restart, and one that somebody
 * has configured is there because somebody wants it. The primary stays for as long as it is that. After a failure, an empty list
 * included, all stay.
 */
public final class DiscoveryWatch {

    private static final Logger logger = LoggerFactory.getLogger(DiscoveryWatch.class);
    private static final int MOST_MISSES = 2;
    private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(10);

    /** While there is no node at all. */
    private static final Duration FIRST_INTERVAL = Duration.ofSeconds(1);

    private final NodeDiscovery discovery;
    private final RoutingNodes nodes;
    private final Supplier<Topology> topology;
    private final Duration interval;
    private final Scheduler clock;
    private final BackgroundTasks background;
    private final AtomicBoolean asking = new AtomicBoolean();
    private final Map<NodeId, Integer> misses = new ConcurrentHashMap<>();
    private final Set<NodeId> added = ConcurrentHashMap.newKeySet();
    private final LongAdder answers = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder additions = new LongAdder();
    private final LongAdder removals = new LongAdder();
    private volatile long askedAt;
    private volatile boolean hasAsked;
    private volatile boolean failing;

    /**
     * Creates the watch, which asks nothing before it is called.
     *
     * @param topology the latest snapshot
     * @param interval between two questions
     * @param clock tells the time, and times questions
     * @param background runs it, so that nobody waits for it
     */
    public DiscoveryWatch(
            NodeDiscovery discovery,
            RoutingNodes nodes,
            Supplier<Topology> topology,
            Duration interval,
            Scheduler clock,
            BackgroundTasks background) {
        this.discovery = discovery;
        this.nodes = nodes;
        this.topology = topology;
        this.interval = interval;
        this.clock = clock;
        this.background = background;
    }

    public DiscoveryCounts counts() {
        return new DiscoveryCounts(answers.sum(), failures.sum(), additions.sum(), removals.sum());
    }

    /** Asks if it is time to; to be called from time to time while the factory is in use. Quick, and on any thread. */
    public void look() {
        long now = clock.now(TimeUnit.NANOSECONDS);
        Duration pause = topology.get().nodes().isEmpty() ? shorter(FIRST_INTERVAL, interval) : interval;
        if ((!hasAsked || now - askedAt >= pause.toNanos()) && asking.compareAndSet(false, true)) {
            hasAsked = true;
            askedAt = now;
            background.run("discovering nodes", refresh().doFinally(signal -> asking.set(false)));
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Returns a cold {@link Mono} that asks once, and completes when all is done that follows from the answer. Never fails. */
    Mono<Void> refresh() {
        Duration patience = interval.compareTo(SHORTEST_TIMEOUT) < 0 ? SHORTEST_TIMEOUT : interval;
        return Mono.defer(discovery::nodes)
                .timeout(patience, clock)
                .filter(found -> !found.isEmpty())
                .switchIfEmpty(Mono.error(() -> new IllegalStateException("the answer holds no node")))
                .doOnNext(found -> {
                    answers.increment();
                    if (failing) {
                        failing = false;
                        logger.info(
                                "nodes are discovered again: {}",
                                found.stream().map(NodeSettings::id).toList());
                    }
                })
                .flatMap(this::follow)
                .onErrorResume(error -> {
                    failures.increment();
                    if (!failing) {
                        failing = true;
                        logger.warn(
                                "nodes cannot be discovered: {}; until then they stay as they are", error.toString());
                    }
                    return Mono.empty();
                });
    }

    private Mono<Void> follow(List<NodeSettings> found) {
        Topology present = topology.get();
        Set<String> addresses = found.stream().map(DiscoveryWatch::address).collect(Collectors.toSet());
        Mono<Void> adding = Flux.fromIterable(found)
                .filter(node -> isNew(node, present))
                .concatMap(this::add)
                .then();
        // In this order: whoever moves is there before he is missed.
        return adding.thenMany(Flux.fromIterable(present.nodes()).concatMap(node -> miss(node, addresses)))
                .then();
    }

    private static boolean isNew(NodeSettings node, Topology present) {
        return present.nodes().stream()
                .map(NodeState::settings)
                .noneMatch(
                        known -> known.id().equals(node.id()) || address(known).equals(address(node)));
    }

    private Mono<Void> add(NodeSettings node) {
        return nodes.add(node)
                .doOnNext(state -> {
                    additions.increment();
                    added.add(node.id());
                })
                .then()
                .onErrorResume(error -> refused("added", node.id(), error));
    }

    private Mono<Void> miss(NodeState node, Set<String> addresses) {
        NodeId id = node.id();
        if (addresses.contains(address(node.settings())) || !added.contains(id)) {
            misses.remove(id);
            return Mono.empty();
        }
        if (misses.merge(id, 1, Integer::sum) < MOST_MISSES || isPrimary(id)) {
            return Mono.empty();
        }
        return nodes.remove(id.name(), interval)
                .doOnSuccess(done -> {
                    removals.increment();
                    added.remove(id);
                    misses.remove(id);
                })
                .onErrorResume(error -> refused("removed", id, error));
    }

    private boolean isPrimary(NodeId id) {
        NodeState primary = topology.get().primary();
        return primary != null && primary.id().equals(id);
    }

    /** It is tried again with the next answer. */
    private static Mono<Void> refused(String what, NodeId node, Throwable error) {
        logger.warn("node {} was discovered but could not be {}: {}", node, what, error.getMessage());
        return Mono.empty();
    }

    private static String address(NodeSettings node) {
        return NodeSettings.of(node.host().toLowerCase(Locale.ROOT), node.port())
                .id()
                .name();
    }
}
