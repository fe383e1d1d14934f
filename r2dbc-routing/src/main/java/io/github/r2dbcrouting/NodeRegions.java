package io.github.r2dbcrouting;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads which node is in which region. */
final class NodeRegions {

    private static final String OPTION = RoutingOptions.REGIONS.name();

    private NodeRegions() {}

    /** Returns the nodes with the regions that the options give them. */
    static List<NodeSettings> place(List<NodeSettings> nodes, ConnectionFactoryOptions options, int defaultPort) {
        Map<NodeId, String> regions =
                new NodeValues(options, nodes, defaultPort).read(RoutingOptions.REGIONS, "region", region -> region);
        List<NodeSettings> placed = new ArrayList<>();
        for (NodeSettings node : nodes) {
            String region = regions.get(node.id());
            placed.add(region == null ? node : node.in(region));
        }
        requireKnown(options.getValue(RoutingOptions.REGION), placed);
        return placed;
    }

    private static void requireKnown(@Nullable Object region, List<NodeSettings> nodes) {
        Set<String> known = nodes.stream()
                .map(NodeSettings::region)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Set<String> unknown = new LinkedHashSet<>(
                region == null ? List.of() : List.of(region.toString().split("\\|")));
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new InvalidRoutingOptionException(
                    RoutingOptions.REGION.name(),
                    "is '" + region + "', and in " + String.join(", ", unknown) + " no node is",
                    known.isEmpty() ? "a region that option '" + OPTION + "' gives to a node" : "one of " + known,
                    "correct it, or give nodes that region");
        }
    }
}
