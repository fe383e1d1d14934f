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
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Keeps a factory's nodes in step with a {@link NodeDiscovery}. What it tells is added at once. What it does not tell any more is removed
 * only if this watch has added it, and when it was missing twice: a node that is missing once may be about to restart, and one that somebody
 * has configured is there because somebody wants it. The primary stays for as long as it is that. Whoever is told again before what ran
 * on him has ended is not drained any more. What this watch has added and is told at another address is replaced, and what is told of it otherwise than before is changed. After a failure, an empty
 * list included, all stay.
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
    private final Scheduler blocking;
    private final BackgroundTasks background;
    private final AtomicBoolean asking = new AtomicBoolean();
    private final Map<NodeId, Integer> misses = new ConcurrentHashMap<>();

    /** What was told last of the nodes that this watch has added. */
    private final Map<NodeId, NodeSettings> told = new ConcurrentHashMap<>();

    /** What was last said of nodes for which something could not be done: once is enough until something else happens. */
    private final Map<NodeId, String> complaints = new ConcurrentHashMap<>();

    /** Nodes that are just being removed or replaced. */
    private final Set<NodeId> leaving = ConcurrentHashMap.newKeySet();

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
     * @param nodes changes them for discovery, not for operators
     * @param topology the latest snapshot
     * @param interval between two questions
     * @param clock tells the time, and times questions
     * @param blocking asks, since a source of the user's own may block
     * @param background runs it, so that nobody waits for it
     */
    public DiscoveryWatch(
            NodeDiscovery discovery,
            RoutingNodes nodes,
            Supplier<Topology> topology,
            Duration interval,
            Scheduler clock,
            Scheduler blocking,
            BackgroundTasks background) {
        this.discovery = discovery;
        this.nodes = nodes;
        this.topology = topology;
        this.interval = interval;
        this.clock = clock;
        this.blocking = blocking;
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

    /**
     * Returns a cold {@link Mono} that asks once, and completes when what is new was added. What is removed may take longer, and nobody
     * waits for it. Never fails.
     */
    Mono<Void> refresh() {
        Duration patience = interval.compareTo(SHORTEST_TIMEOUT) < 0 ? SHORTEST_TIMEOUT : interval;
        return Mono.defer(discovery::nodes)
                .subscribeOn(blocking)
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
        Map<NodeId, NodeSettings> listed = found.stream()
                .collect(Collectors.toMap(NodeSettings::id, Function.identity(), (first, second) -> first));
        Set<String> addresses = found.stream().map(DiscoveryWatch::address).collect(Collectors.toSet());
        forgetOthersThan(present, listed.keySet());
        Mono<Void> adding = Flux.fromIterable(found)
                .filter(node -> isNew(node, present) && !leaving.contains(node.id()))
                .concatMap(this::add)
                .then();
        // In this order: whoever moves is there before he is missed.
        return adding.thenMany(Flux.fromIterable(present.nodes())
                        .map(NodeState::settings)
                        .concatMap(node -> follow(node, listed.get(node.id()), addresses)))
                .then();
    }

    /** Does what follows for a node that is there, and which is listed or, with {@code null}, is not. */
    private Mono<Void> follow(NodeSettings node, @Nullable NodeSettings now, Set<String> addresses) {
        if (now != null && told.containsKey(node.id()) && !address(now).equals(address(node))) {
            return Mono.fromRunnable(() -> move(now));
        }
        if (!addresses.contains(address(node))) {
            return Mono.fromRunnable(() -> miss(node.id()));
        }
        return now == null ? keep(node.id()) : keep(node.id()).then(Mono.defer(() -> change(now)));
    }

    /** Others may remove nodes, too. */
    private void forgetOthersThan(Topology present, Set<NodeId> listed) {
        Set<NodeId> known = present.nodes().stream().map(NodeState::id).collect(Collectors.toSet());
        misses.keySet().retainAll(known);
        told.keySet().retainAll(known);
        complaints.keySet().removeIf(node -> !known.contains(node) && !listed.contains(node));
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
                    told.put(node.id(), node);
                    complaints.remove(node.id());
                })
                .then()
                .onErrorResume(error -> refused(node.id(), "was discovered but could not be added", error));
    }

    private Mono<Void> keep(NodeId node) {
        if (misses.remove(node) != null) {
            complaints.remove(node);
        }
        return nodes.drained().contains(node.name())
                ? nodes.resume(node.name())
                        .onErrorResume(error -> refused(node, "was discovered but could not be resumed", error))
                : Mono.empty();
    }

    private Mono<Void> change(NodeSettings node) {
        NodeSettings before = told.get(node.id());
        if (before == null || leaving.contains(node.id())) {
            return Mono.empty();
        }
        Retelling change = new Retelling(before, node);
        if (change.isEmpty()) {
            return Mono.empty();
        }
        return nodes.change(node.id().name(), change)
                .doOnSuccess(done -> {
                    told.put(node.id(), node);
                    complaints.remove(node.id());
                })
                .onErrorResume(error -> refused(node.id(), "is told otherwise and could not be changed", error));
    }

    private void miss(NodeId node) {
        if (told.containsKey(node)
                && misses.merge(node, 1, Integer::sum) >= MOST_MISSES
                && !isPrimary(node)
                && leaving.add(node)) {
            background.run(
                    "removing node " + node + ", which is not discovered any more",
                    leave(
                            node,
                            nodes.remove(node.name(), interval).doOnSuccess(done -> told.remove(node)),
                            "is not discovered any more and could not be removed"));
        }
    }

    /** It is not found any more where it was, so that it need not be missing twice. */
    private void move(NodeSettings node) {
        misses.put(node.id(), MOST_MISSES);
        if (leaving.add(node.id())) {
            background.run(
                    "replacing node " + node.id() + ", which was discovered elsewhere",
                    leave(
                            node.id(),
                            nodes.replace(node, interval)
                                    .doOnNext(state -> {
                                        additions.increment();
                                        told.put(node.id(), node);
                                    })
                                    .then(),
                            "was discovered at " + address(node) + " and could not be replaced by that"));
        }
    }

    /** What runs on the node may take its time, for which neither other nodes nor the next question wait. */
    private Mono<Void> leave(NodeId node, Mono<Void> change, String refusal) {
        return change.doOnSuccess(done -> {
                    removals.increment();
                    misses.remove(node);
                    complaints.remove(node);
                })
                // One that is listed again meanwhile is not to be removed any more.
                .onErrorResume(error -> misses.containsKey(node) ? refused(node, refusal, error) : Mono.empty())
                .doFinally(signal -> leaving.remove(node));
    }

    private boolean isPrimary(NodeId id) {
        NodeState primary = topology.get().primary();
        return primary != null && primary.id().equals(id);
    }

    /** It is tried again with the next answer. */
    private Mono<Void> refused(NodeId node, String what, Throwable error) {
        String complaint = what + ": " + error.getMessage();
        if (!complaint.equals(complaints.put(node, complaint))) {
            logger.warn("node {} {}", node, complaint);
        }
        return Mono.empty();
    }

    private static String address(NodeSettings node) {
        return NodeSettings.of(node.host().toLowerCase(Locale.ROOT), node.port())
                .id()
                .name();
    }
}
