package io.github.r2dbcrouting;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
    private static final String REMEDY = "write node=region, several separated by commas";

    private NodeRegions() {}

    /** Returns the nodes with the regions that the options give them. */
    static List<NodeSettings> place(List<NodeSettings> nodes, ConnectionFactoryOptions options, int defaultPort) {
        Object given = options.getValue(RoutingOptions.REGIONS);
        Map<NodeSettings, String> regions = new LinkedHashMap<>();
        for (String entry : given == null ? new String[0] : given.toString().split(",", -1)) {
            int equals = entry.lastIndexOf('=');
            String name = entry.substring(0, Math.max(equals, 0)).trim();
            String region = entry.substring(equals + 1).trim();
            if (name.isEmpty() || region.isEmpty()) {
                throw new InvalidRoutingOptionException(
                        OPTION, "holds '" + entry.trim() + "', which cannot be read", "a node and its region", REMEDY);
            }
            if (regions.put(named(name, nodes, defaultPort), region) != null) {
                throw new InvalidRoutingOptionException(
                        OPTION, "names " + name + " twice", "one region for each node", REMEDY);
            }
        }
        List<NodeSettings> placed = new ArrayList<>();
        for (NodeSettings node : nodes) {
            String region = regions.get(node);
            placed.add(region == null ? node : node.in(region));
        }
        requireKnown(options.getValue(RoutingOptions.REGION), placed);
        return placed;
    }

    /** A node has the name that it was given, or its address, where the usual port may be left out. */
    private static NodeSettings named(String name, List<NodeSettings> nodes, int defaultPort) {
        Set<String> names = Set.of(name, name + ":" + defaultPort);
        return nodes.stream()
                .filter(node -> names.contains(node.id().name()))
                .findFirst()
                .orElseThrow(() -> new InvalidRoutingOptionException(
                        OPTION,
                        "names '" + name + "', which is no node",
                        "one of " + nodes.stream().map(node -> node.id().name()).collect(Collectors.joining(", ")),
                        REMEDY));
    }

    private static void requireKnown(@Nullable Object region, List<NodeSettings> nodes) {
        Set<String> known = nodes.stream()
                .map(NodeSettings::region)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (region != null && !known.contains(region.toString())) {
            throw new InvalidRoutingOptionException(
                    RoutingOptions.REGION.name(),
                    "is '" + region + "', in which no node is",
                    known.isEmpty() ? "a region that option '" + OPTION + "' gives to a node" : "one of " + known,
                    "correct it, or give nodes that region");
        }
    }
}
