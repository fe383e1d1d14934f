package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.PrivilegeCheck;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.concurrent.Queues;

/**
 * The access to all nodes, which come and go while it is used. A node that has gone has no pool any more: whoever was sent to it is
 * sent elsewhere.
 */
public final class NodePools {

    private final Function<NodeSettings, NodeAccess> accessTo;
    private final Map<NodeId, NodeAccess> nodes = new ConcurrentHashMap<>();
    private final CrowdTally crowds = new CrowdTally();

    /** Of nodes that have gone: some of their connections may be lent still. */
    private final Set<NodePool> left = ConcurrentHashMap.newKeySet();

    /**
     * Creates the access to some nodes.
     *
     * @param accessTo makes that to one node; it may read files
     */
    public NodePools(Function<NodeSettings, NodeAccess> accessTo, List<NodeSettings> nodes) {
        this.accessTo = accessTo;
        nodes.forEach(this::enter);
    }

    /**
     * Gives access to one more node, before it is watched. It may read files.
     *
     * @throws IllegalArgumentException if there is one of that name, or one is just being removed
     */
    public void enter(NodeSettings node) {
        if (nodes.putIfAbsent(node.id(), accessTo.apply(node)) != null) {
            throw new IllegalArgumentException("node " + node.id()
                    + " cannot be added: one of this name is there; give it another name, or remove that one first");
        }
    }

    /**
     * Returns a cold {@link Mono} that takes the access to a node away, after it is watched no more: idle connections are closed
     * now, lent ones when they come back, and whoever waits for one is sent elsewhere. It completes when the idle ones are
     * closed.
     */
    public Mono<Void> leave(NodeId node) {
        return Mono.defer(() -> {
            NodePool pool = pool(node);
            if (pool == null) {
                return Mono.empty();
            }
            // In this order: at no moment are its connections those of nobody.
            left.add(pool);
            nodes.remove(node);
            return pool.leave();
        });
    }

    /** Returns the access to a node, or {@code null} if there is none of that name any more. */
    public @Nullable NodeAccess access(NodeId node) {
        return nodes.get(node);
    }

    private @Nullable NodePool pool(NodeId node) {
        NodeAccess access = access(node);
        return access == null ? null : access.pool();
    }

    /** Returns a cold {@link Mono} of a connection to a node; see {@link NodePool#acquire}. */
    public Mono<Lease> acquire(NodeState node) {
        NodePool pool = pool(node.id());
        return pool == null ? Mono.error(new PoolRetiredException(null)) : pool.acquire(node);
    }

    /** Returns whether a connection to a node could be had without waiting for others; see {@link NodePool#hasRoom}. */
    public boolean hasRoom(NodeId node) {
        NodePool pool = pool(node);
        return pool != null && pool.hasRoom();
    }

    /** Returns whether a read that could as well go to another node had better do so; see {@link NodePool#isCrowded}. */
    public boolean isCrowded(NodeState node) {
        NodePool pool = pool(node.id());
        return pool != null && pool.isCrowded(node);
    }

    /** Returns what counts those for whom there was no room. */
    public CrowdTally crowds() {
        return crowds;
    }

    /** Follows a new snapshot: nodes that began a new life get a new pool, and those that do not answer are given up. */
    public void follow(Topology topology) {
        for (NodeState node : topology.nodes()) {
            NodePool pool = pool(node.id());
            if (pool == null) {
                // It has gone since.
                continue;
            }
            if (node.isUsable()) {
                pool.turnOver(node);
            } else if (node.failures() > 0) {
                pool.unheard(node);
            } else if (node.isUnfit()) {
                pool.retire();
            }
        }
    }

    /**
     * Returns a cold {@link Mono} that warms up all nodes that can be used; see {@link NodePool#warmUp}. It completes when all
     * have done so, or have taken too long.
     */
    public Mono<Void> warmUp(Topology topology) {
        return Flux.fromIterable(topology.nodes())
                .filter(NodeState::isUsable)
                .flatMap(this::warmUp)
                .then();
    }

    /** Returns a cold {@link Mono} that warms up a node before it is given work; see {@link NodePool#warmUp}. */
    public Mono<Void> warmUp(NodeState node) {
        NodePool pool = pool(node.id());
        return pool == null ? Mono.empty() : pool.warmUp(node);
    }

    /**
     * Has nodes probed on which something runs without a sign of life. That is no evidence of anything, since a statement may
     * rightly run for hours. Called from time to time, by one thread at a time.
     *
     * @param now nanoseconds of the monitor's clock
     * @param nanos how long nothing was heard, neither of what runs nor of its node
     */
    public void suspectSilent(TopologySource monitor, long now, long nanos) {
        for (NodeState node : monitor.current().nodes()) {
            NodePool pool = pool(node.id());
            if (pool != null && pool.isSilent(node, now, nanos)) {
                monitor.suspect(node.id(), node.generation());
            }
        }
        left.removeIf(pool -> pool.held().isEmpty());
    }

    /** Returns what everybody is told who still wants something after {@link #close()}. */
    public static IllegalStateException closedError() {
        return new IllegalStateException("the routing connection factory is closed");
    }

    /** Returns the connections that somebody has, of all nodes, also of those that have gone. */
    public List<DriverConnection> held() {
        return Stream.concat(pools().stream(), left.stream())
                .distinct()
                .flatMap(pool -> pool.held().stream())
                .toList();
    }

    /** Returns a cold {@link Mono} that closes all pools for good: idle connections now, lent ones when they come back. */
    public Mono<Void> close() {
        return Flux.fromIterable(pools()).flatMap(NodePool::close).then();
    }

    /** Returns a cold {@link Mono} that does the same until a connection is needed again. */
    public Mono<Void> rest() {
        return Flux.fromIterable(pools()).flatMap(NodePool::rest).then();
    }

    /** Returns a cold {@link Mono} that has all connections opened anew: idle ones are closed now, lent ones when they come back. */
    public Mono<Void> renew() {
        return Flux.fromIterable(pools()).flatMap(NodePool::renew).then();
    }

    /** Returns a cold {@link Mono} that does so where a supplier gives another secret than before. */
    public Mono<Void> renewIfChanged() {
        return Flux.fromIterable(pools())
                .flatMapDelayError(NodePool::renewIfChanged, Queues.SMALL_BUFFER_SIZE, 1)
                .then();
    }

    /** Returns what was found of each node of a snapshot that was looked at; see {@link PrivilegeCheck#missing()}. */
    public Map<NodeId, List<MissingPrivilege>> missingPrivileges(Topology topology) {
        Map<NodeId, List<MissingPrivilege>> missing = new LinkedHashMap<>();
        for (NodeState node : topology.nodes()) {
            NodeAccess access = access(node.id());
            List<MissingPrivilege> found =
                    access == null ? null : access.privileges().missing();
            if (found != null) {
                missing.put(node.id(), found);
            }
        }
        return missing;
    }

    private List<NodePool> pools() {
        return nodes.values().stream().map(NodeAccess::pool).toList();
    }
}
