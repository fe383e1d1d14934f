package io.github.r2dbcrouting.demo;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The nodes as the router sees them, and what it sent them. */
final class NodeView {

    private static final Duration LOOK = Duration.ofMillis(10);

    private final RoutingConnectionFactory connections;
    private final RouteLog routes;
    private final Duration limit;

    NodeView(RoutingConnectionFactory connections, RouteLog routes, Duration limit) {
        this.connections = connections;
        this.routes = routes;
        this.limit = limit;
    }

    /** Waits until every node is healthy and it is known how far each replica is behind. */
    void awaitAllReady() {
        connections
                .topology()
                .filter(topology -> topology.nodes().stream().allMatch(NodeView::isReady))
                .blockFirst(limit);
    }

    private static boolean isReady(NodeState node) {
        Replication replication = node.replication();
        return node.health() == NodeHealth.HEALTHY && replication != null && replication.lag() != null;
    }

    /** Completes with the present time when the router gives a node no work any more. */
    CompletableFuture<Long> whenUnusable(String name) {
        NodeId id = new NodeId(name);
        return connections
                .topology()
                .filter(topology -> isUnusable(topology, id))
                .next()
                .map(topology -> System.nanoTime())
                .toFuture();
    }

    private static boolean isUnusable(Topology topology, NodeId id) {
        NodeState node = topology.node(id);
        return node != null && !node.isUsable();
    }

    /** Waits until the router has sent a read to a node. */
    void awaitReadAt(String name) {
        await(() -> routes.reads(name) > 0);
    }

    private void await(BooleanSupplier condition) {
        Flux.interval(Duration.ZERO, LOOK)
                .onBackpressureDrop()
                .filter(tick -> condition.getAsBoolean())
                .blockFirst(limit);
    }

    static <T> T await(CompletableFuture<T> future, Duration limit) {
        return Mono.fromFuture(future).blockOptional(limit).orElseThrow();
    }

    static void pause(Duration time) {
        Mono.delay(time).block();
    }

    /** Runs a query on each node by its name, and returns the answers in the order of the nodes. */
    <T> List<T> onEach(Mono<T> query) {
        return Flux.fromIterable(connections.currentTopology().nodes())
                .concatMap(node -> query.contextWrite(Routing.using(node.id().name())))
                .collectList()
                .blockOptional(limit)
                .orElseThrow();
    }

    List<List<String>> table() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("node", "address", "role", "health", "behind the primary by"));
        for (NodeState node : connections.currentTopology().nodes()) {
            rows.add(List.of(
                    node.id().name(),
                    node.settings().host() + ":" + node.settings().port(),
                    lower(node.role()),
                    lower(node.health()),
                    lag(node)));
        }
        return rows;
    }

    private static String lag(NodeState node) {
        Replication replication = node.replication();
        if (node.role() == NodeRole.PRIMARY) {
            return "-";
        }
        Duration lag = replication == null ? null : replication.lag();
        return lag == null ? "unknown" : "at most " + Page.seconds(lag);
    }

    /** Tells how many reads and writes each node was sent since the counts were last cleared. */
    List<List<String>> counts() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("node", "role", "health", "reads", "writes"));
        for (NodeState node : connections.currentTopology().nodes()) {
            String name = node.id().name();
            rows.add(List.of(
                    name,
                    lower(node.role()),
                    lower(node.health()),
                    Page.number(routes.reads(name)),
                    Page.number(routes.writes(name))));
        }
        return rows;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
