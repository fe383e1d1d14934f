package io.github.r2dbcrouting.discovery;

import io.github.r2dbcrouting.dialect.ReportedReplica;
import io.github.r2dbcrouting.pool.NodeAccess;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Asks the primary which replicas receive changes from it, with the monitor's user. Those that receive them from another replica are not
 * among them. A primary that names none is taken for one that cannot tell.
 */
public final class ServerDiscovery implements NodeDiscovery {

    private final Supplier<Topology> topology;
    private final NodePools pools;
    private final ReplicaMapper mapper;
    private final Scheduler blocking;

    /** What the mapper said last of each node, since a primary names the others only. */
    private final Map<NodeId, NodeSettings> mapped = new ConcurrentHashMap<>();

    /**
     * Creates it.
     *
     * @param blocking looks names up
     */
    public ServerDiscovery(Supplier<Topology> topology, NodePools pools, ReplicaMapper mapper, Scheduler blocking) {
        this.topology = topology;
        this.pools = pools;
        this.mapper = mapper;
        this.blocking = blocking;
    }

    @Override
    public Mono<List<NodeSettings>> nodes() {
        return Mono.defer(() -> {
            Topology present = topology.get();
            NodeState primary = present.primary();
            NodeAccess access = primary == null ? null : pools.access(primary.id());
            if (primary == null || access == null) {
                return Mono.error(
                        new IllegalStateException("there is no primary that could be asked for its replicas"));
            }
            return access.connections()
                    .replicas()
                    .publishOn(blocking)
                    .map(replicas -> nodes(primary.settings(), replicas, present));
        });
    }

    private List<NodeSettings> nodes(NodeSettings primary, List<ReportedReplica> replicas, Topology present) {
        List<NodeSettings> nodes = new ArrayList<>();
        mapped.keySet().removeIf(node -> present.node(node) == null);
        nodes.add(mapped.getOrDefault(primary.id(), primary));
        for (ReportedReplica replica : replicas) {
            NodeSettings found = mapper.map(replica, primary);
            if (found != null) {
                NodeSettings node = known(found, present);
                mapped.put(node.id(), node);
                nodes.add(node);
            }
        }
        if (nodes.size() == 1) {
            throw new IllegalStateException("node " + primary.id() + " names no replica that could be found: "
                    + replicas + "; let replicas put host:port into application_name or report_host, or set a mapper");
        }
        return nodes;
    }

    /** A node that is known by a name is not added by its address as well. */
    private static NodeSettings known(NodeSettings found, Topology present) {
        for (NodeState node : present.nodes()) {
            NodeSettings settings = node.settings();
            if (settings.port() == found.port() && isSameHost(settings.host(), found.host())) {
                return new NodeSettings(
                        settings.id(),
                        settings.host(),
                        settings.port(),
                        found.placement(),
                        found.share(),
                        found.maxLag());
            }
        }
        return found;
    }

    private static boolean isSameHost(String known, String found) {
        if (known.toLowerCase(Locale.ROOT).equals(found.toLowerCase(Locale.ROOT))) {
            return true;
        }
        List<InetAddress> addresses = addresses(known);
        return addresses(found).stream().anyMatch(addresses::contains);
    }

    private static List<InetAddress> addresses(String host) {
        try {
            return Arrays.asList(InetAddress.getAllByName(host));
        } catch (UnknownHostException unknown) {
            return List.of();
        }
    }
}
