package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The pools of all nodes. */
public final class NodePools {

    private final Map<NodeId, NodePool> pools;

    public NodePools(Map<NodeId, NodePool> pools) {
        this.pools = Map.copyOf(pools);
    }

    /** Returns a cold {@link Mono} of a connection to a node; see {@link NodePool#acquire}. */
    public Mono<Lease> acquire(NodeState node) {
        return pool(node.id()).acquire(node);
    }

    /** Returns the pool of a node of this factory. */
    public NodePool pool(NodeId node) {
        NodePool pool = pools.get(node);
        if (pool == null) {
            throw new IllegalArgumentException("no pool for node " + node + "; the nodes are " + pools.keySet());
        }
        return pool;
    }

    /** Follows a new snapshot: nodes that began a new life get a new pool, and those that do not answer are given up. */
    public void follow(Topology topology) {
        for (NodeState node : topology.nodes()) {
            if (node.isUsable()) {
                pool(node.id()).turnOver(node);
            } else if (node.failures() > 0) {
                pool(node.id()).unheard(node);
            } else if (node.isUnfit()) {
                pool(node.id()).retire();
            }
        }
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
            if (pool(node.id()).isSilent(node, now, nanos)) {
                monitor.suspect(node.id(), node.generation());
            }
        }
    }

    /** Returns what everybody is told who still wants something after {@link #close()}. */
    public static IllegalStateException closedError() {
        return new IllegalStateException("the routing connection factory is closed");
    }

    /** Returns the connections that somebody has, of all nodes. */
    public List<DriverConnection> held() {
        return pools.values().stream().flatMap(pool -> pool.held().stream()).toList();
    }

    /** Returns a cold {@link Mono} that closes all pools for good: idle connections now, lent ones when they come back. */
    public Mono<Void> close() {
        return Flux.fromIterable(pools.values()).flatMap(NodePool::close).then();
    }

    /** Returns a cold {@link Mono} that does the same until a connection is needed again. */
    public Mono<Void> rest() {
        return Flux.fromIterable(pools.values()).flatMap(NodePool::rest).then();
    }

    /** Returns a cold {@link Mono} that has all connections opened anew: idle ones are closed now, lent ones when they come back. */
    public Mono<Void> renew() {
        return Flux.fromIterable(pools.values()).flatMap(NodePool::renew).then();
    }

    /** Returns a cold {@link Mono} that does so where a supplier gives another secret than before. */
    public Mono<Void> renewIfChanged() {
        return Flux.fromIterable(pools.values())
                .flatMapDelayError(NodePool::renewIfChanged, pools.size(), 1)
                .then();
    }
}
