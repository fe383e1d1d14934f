package io.github.r2dbcrouting.membership;

import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.membership.DrainProgress.Phase;
import io.github.r2dbcrouting.membership.DrainedNodes.By;
import io.github.r2dbcrouting.monitor.TopologyMonitor;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The nodes of a factory, which may be changed while the application runs. No statement fails of it: what runs on a node goes on there,
 * and what was about to begin there begins elsewhere. Each change is logged and shows in {@code RoutingConnectionFactory.topology()}; nothing
 * is remembered beyond the factory.
 *
 * <p>Every {@link Mono} and {@link Flux} here is cold: nothing happens before it is subscribed to. They answer on Reactor's parallel scheduler,
 * fail with an {@link IllegalArgumentException} that names what would do if an argument makes no sense, and with an
 * {@link IllegalStateException} that says what to do first if the node cannot be spared, or if the factory is closed; then nothing has been
 * changed unless said otherwise. Safe for concurrent use.
 */
public final class RoutingNodes {

    /** How long {@link #remove(String)} waits for what runs on the node. */
    public static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);

    private static final Logger logger = LoggerFactory.getLogger(RoutingNodes.class);

    private final TopologyMonitor monitor;
    private final NodePools pools;
    private final NodeLoads loads;
    private final DrainedNodes drained;
    private final By by;
    private final Drain drain;
    private final Consumer<NodeId> forget;
    private final Duration probeTimeout;
    private final Scheduler timers;
    private final Scheduler blocking;

    /**
     * Creates what changes the nodes of one factory.
     *
     * @param drained the nodes that get nothing
     * @param by who asks for the changes
     * @param forget drops what is known of a node that has gone
     * @param limits how long is waited for what
     * @param timers times, and calls back whoever asked for a change
     * @param blocking may read files, which a new node may take
     */
    public RoutingNodes(
            TopologyMonitor monitor,
            NodePools pools,
            NodeLoads loads,
            DrainedNodes drained,
            By by,
            Consumer<NodeId> forget,
            Limits limits,
            Scheduler timers,
            Scheduler blocking) {
        this.monitor = monitor;
        this.pools = pools;
        this.loads = loads;
        this.drained = drained;
        this.by = by;
        this.forget = forget;
        this.drain = new Drain(monitor::current, pools, drained, by, timers, limits.cutOff());
        this.probeTimeout = limits.probe();
        this.timers = timers;
        this.blocking = blocking;
    }

    /**
     * How long is waited.
     *
     * @param probe for the first answer of a new node
     * @param cutOff for what was cut off
     */
    public record Limits(Duration probe, Duration cutOff) {}

    /** Adds a node that is named {@code host:port}, as {@link #add(NodeSettings)} does. */
    public Mono<NodeState> add(String host, int port) {
        return Mono.defer(() -> add(NodeSettings.of(host, port)));
    }

    /**
     * Adds a node, which serves as soon as a probe has shown what it is; nobody configures that. The {@link Mono} emits how it looked at its
     * first answer, or as unknown if there was none within the probe timeout, or if the factory rests: it is there in any case, and watched.
     * One that must not be used (of another cluster, the same server as another node) is there and says so. A
     * {@code maxLag} below the probe interval is refused. Cancelling takes nothing back.
     */
    public Mono<NodeState> add(NodeSettings node) {
        return uncancelled(Mono.<Void>fromRunnable(() -> pools.enter(node))
                        .subscribeOn(blocking)
                        .then(Mono.defer(() -> monitor.add(node)
                                .onErrorResume(refusal -> pools.leave(node.id()).then(Mono.error(refusal))))))
                .then(Mono.defer(() -> firstSeen(node)));
    }

    private Mono<NodeState> firstSeen(NodeSettings node) {
        NodeState unseen = NodeState.unprobed(node);
        return monitor.isReady()
                ? monitor.topology()
                        .map(topology -> stateOr(topology, unseen))
                        .filter(state -> state.health() != NodeHealth.UNKNOWN)
                        .next()
                        .timeout(probeTimeout, Mono.empty(), timers)
                        .switchIfEmpty(Mono.fromSupplier(() -> stateOr(monitor.current(), unseen)))
                        .publishOn(timers)
                : Mono.fromSupplier(() -> stateOr(monitor.current(), unseen));
    }

    private static NodeState stateOr(Topology topology, NodeState otherwise) {
        NodeState state = topology.node(otherwise.id());
        return state == null ? otherwise : state;
    }

    /** Removes a node, as {@link #remove(String, Duration)} does within {@link #DRAIN_TIMEOUT}. */
    public Mono<Void> remove(String name) {
        return remove(name, DRAIN_TIMEOUT);
    }

    /**
     * Removes a node: {@linkplain #drain drains} it, and when nothing is on it any more, watches it no more. Completes when its connections are
     * closed. Fails if it is the primary, or was the last one and no other has taken over; if no other node can be used; and if something is
     * still on it when the time is over: then it stays drained, since what runs on a node that nobody watches would never be noticed to have
     * ended. If somebody else has removed it meanwhile, nothing is left to do. Cancelling while it is drained leaves it drained; later it takes
     * nothing back.
     *
     * @param timeout how long to wait for what runs on it: zero to a hundred years
     */
    public Mono<Void> remove(String name, Duration timeout) {
        return remove(name, timeout, monitor::remove);
    }

    /**
     * Replaces the node of this name, which has moved to another address: {@linkplain #remove(String, Duration) removes} it, and
     * {@linkplain #add(NodeSettings) adds} this one. One that cannot be used may be replaced whatever it was, so that a primary which has
     * come back elsewhere is found again. If only the second step fails, there is no node of this name any more.
     *
     * @param timeout how long to wait for what runs on it: zero to a hundred years
     */
    public Mono<NodeState> replace(NodeSettings node, Duration timeout) {
        return remove(node.id().name(), timeout, monitor::makeWay).then(Mono.defer(() -> add(node)));
    }

    private Mono<Void> remove(String name, Duration timeout, Function<NodeId, Mono<Void>> removal) {
        return Mono.defer(() -> {
                    NodeId node = require(name);
                    boolean wasDrained = drained.contains(node, by);
                    return drain.of(node, timeout, false).last().flatMap(last -> {
                        if (last.phase() == Phase.DRAINED && drained.contains(node, by)) {
                            return finish(node, removal, wasDrained);
                        }
                        return monitor.current().node(node) == null ? Mono.empty() : Mono.error(notYet(last, timeout));
                    });
                })
                .subscribeOn(timers);
    }

    private Mono<Void> finish(NodeId node, Function<NodeId, Mono<Void>> removal, boolean wasDrained) {
        return uncancelled(Mono.defer(() -> removal.apply(node))
                .doOnError(refusal -> {
                    if (!wasDrained) {
                        drain.end(node);
                    }
                })
                .then(Mono.defer(() -> {
                    // In this order: who takes the name next begins with nothing.
                    forget.accept(node);
                    drained.remove(node);
                    return pools.leave(node);
                })));
    }

    private static IllegalStateException notYet(DrainProgress last, Duration timeout) {
        return new IllegalStateException(
                last.phase() == Phase.RESUMED || last.phase() == Phase.DRAINED
                        ? "node " + last.node()
                                + " was not removed: it was resumed or replaced while it was being drained"
                        : "node " + last.node() + " cannot be removed yet: " + last.lent()
                                + " connections are still in use after "
                                + timeout.toMillis() + " ms, " + last.held()
                                + "; it stays drained: remove it later, or cut them off with drainHard");
    }

    // Not on the caller's thread: whoever waited for a connection to the node is sent elsewhere by the one that closes
    // its pool.

    /**
     * Gives a node nothing more, closes what is idle, and waits until what runs on it has ended and every transaction and session that has a
     * connection of it has given that back. It is still watched. Statements that name it fail while it is drained; the other reads go elsewhere:
     * to the primary if it was the last replica, only so many at a time. It is refused for the primary, whose writes have nowhere else to go; of
     * one that becomes the primary meanwhile it ends with an error, and that node is not drained any more.
     *
     * <p>It tells at once, and whenever something has changed, how many connections are in use, and completes after the
     * {@linkplain DrainProgress#isFinal() last news}: the node is drained, or the time is over and what is in use may go on until it ends. Either
     * way the node stays drained until it is {@linkplain #resume resumed} or removed. Cancelling ends only the waiting.
     *
     * @param timeout how long to wait: zero, for only a look, to a hundred years
     */
    public Flux<DrainProgress> drain(String name, Duration timeout) {
        return Flux.defer(() -> drain.of(require(name), timeout, false)).subscribeOn(timers);
    }

    /**
     * Drains a node, and cuts off what is still in use when the time is over: that fails with an error which says so, a write among it with an
     * unknown outcome. Otherwise as {@link #drain}.
     */
    public Flux<DrainProgress> drainHard(String name, Duration timeout) {
        return Flux.defer(() -> drain.of(require(name), timeout, true)).subscribeOn(timers);
    }

    /**
     * Gives a drained node reads again, few at first. Completes at once; for a node that was not drained nothing happens. What
     * operators have excluded by a switch stays excluded, and what discovery is taking out stays drained until it is listed again.
     */
    public Mono<Void> resume(String name) {
        return Mono.fromRunnable(() -> {
            NodeId node = require(name);
            if (drained.contains(node, by)) {
                // In this order: it begins slowly with the first statement.
                loads.of(node).returned();
            }
            if (drain.end(node)) {
                logger.info("node {} is not drained any more", node);
            }
        });
    }

    /** Returns the names of the nodes that get nothing because they are drained. */
    public Set<String> drained() {
        return drained.all().stream().map(NodeId::name).collect(Collectors.toUnmodifiableSet());
    }

    /** Sets which part a node has of what several nodes share: 1 to 1,000, in relation to theirs. */
    public Mono<Void> weight(String name, int weight) {
        return change(name, node -> node.sharing(node.share().withWeight(weight)));
    }

    /** Sets whether a node serves first (0) or only while none of a lower number is eligible: 0 to 100. */
    public Mono<Void> priority(String name, int priority) {
        return change(name, node -> node.sharing(node.share().withPriority(priority)));
    }

    /** Sets what a read on a node costs in relation to others: more than 0, at most 1,000; 1 is the usual one. */
    public Mono<Void> cost(String name, double cost) {
        return change(name, node -> node.sharing(node.share().withCost(cost)));
    }

    /** Sets what a node is for, in the place of what it was for. */
    public Mono<Void> tags(String name, String... tags) {
        return change(name, node -> node.at(node.placement().tagged(Set.of(tags))));
    }

    /** Sets the region of a node. */
    public Mono<Void> region(String name, String region) {
        return change(name, node -> node.in(region));
    }

    /** Sets the zone of a node. */
    public Mono<Void> zone(String name, String zone) {
        return change(name, node -> node.at(node.placement().inZone(zone)));
    }

    /**
     * Changes how a node counts, with the next snapshot, before which the {@link Mono} does not complete. Name and address stay; a
     * {@code maxLag} below the probe interval is refused. Cancelling takes nothing back.
     *
     * @param change is given what holds now; it must not block
     */
    public Mono<Void> change(String name, UnaryOperator<NodeSettings> change) {
        return Mono.defer(() -> uncancelled(monitor.change(require(name), change)));
    }

    private NodeId require(String name) {
        NodeId node = new NodeId(name);
        Topology topology = monitor.current();
        if (topology.node(node) == null) {
            throw new IllegalArgumentException("no node is named '" + name + "'; use one of "
                    + topology.nodes().stream().map(known -> known.id().name()).collect(Collectors.joining(", ")));
        }
        return node;
    }

    /** Half a change would be worse than one that nobody waits for. */
    private Mono<Void> uncancelled(Mono<Void> change) {
        return Mono.fromFuture(change::toFuture, true).publishOn(timers);
    }
}
