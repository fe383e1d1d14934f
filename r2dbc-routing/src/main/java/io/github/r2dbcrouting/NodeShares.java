package io.github.r2dbcrouting;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeShare;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.util.List;
import java.util.Map;

/** Reads how much of the reads each node is to serve. */
final class NodeShares {

    private NodeShares() {}

    /** Returns the nodes with the shares that the options give them. */
    static List<NodeSettings> share(List<NodeSettings> nodes, ConnectionFactoryOptions options, int defaultPort) {
        NodeValues values = new NodeValues(options, nodes, defaultPort);
        NodeShare equal = NodeShare.EQUAL;
        Map<NodeId, Integer> weights = values.read(
                RoutingOptions.WEIGHTS,
                "weight",
                text -> equal.withWeight(Integer.parseInt(text)).weight());
        Map<NodeId, Integer> priorities = values.read(
                RoutingOptions.PRIORITIES,
                "priority",
                text -> equal.withPriority(Integer.parseInt(text)).priority());
        Map<NodeId, Double> costs = values.read(
                RoutingOptions.COSTS,
                "cost",
                text -> equal.withCost(Double.parseDouble(text)).cost());
        return nodes.stream()
                .map(node -> node.sharing(new NodeShare(
                        weights.getOrDefault(node.id(), node.share().weight()),
                        priorities.getOrDefault(node.id(), node.share().priority()),
                        costs.getOrDefault(node.id(), node.share().cost()))))
                .toList();
    }
}
