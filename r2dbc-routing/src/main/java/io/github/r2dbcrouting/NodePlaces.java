package io.github.r2dbcrouting;

import io.github.r2dbcrouting.consistency.DurationText;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.Placement;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads where each node stands, what it is for, and how far it may be behind. */
final class NodePlaces {

    private NodePlaces() {}

    /** Returns the nodes with the places and limits that the options give them. */
    static List<NodeSettings> place(List<NodeSettings> nodes, ConnectionFactoryOptions options, int defaultPort) {
        NodeValues values = new NodeValues(options, nodes, defaultPort);
        Map<NodeId, String> regions = values.read(RoutingOptions.REGIONS, "region", region -> region);
        Map<NodeId, String> zones = values.read(RoutingOptions.ZONES, "zone", zone -> zone);
        Map<NodeId, Set<String>> tags = values.read(RoutingOptions.TAGS, "tag", NodePlaces::tags);
        Map<NodeId, Duration> limits = values.read(RoutingOptions.MAX_LAGS, "maxLag", NodePlaces::limit);
        List<NodeSettings> placed = nodes.stream()
                .map(node -> node.at(new Placement(
                                regions.get(node.id()), zones.get(node.id()), tags.getOrDefault(node.id(), Set.of())))
                        .within(limits.get(node.id())))
                .toList();
        requireKnown(options, RoutingOptions.TAG, RoutingOptions.TAGS, placed, node -> node.tags().stream());
        requireKnown(
                options, RoutingOptions.ZONE, RoutingOptions.ZONES, placed, node -> Stream.ofNullable(node.zone()));
        requireKnown(
                options,
                RoutingOptions.REGION,
                RoutingOptions.REGIONS,
                placed,
                node -> Stream.ofNullable(node.region()));
        return placed;
    }

    private static Set<String> tags(String text) {
        return Placement.NONE.tagged(Set.of(text.split("\\|", -1))).tags();
    }

    private static Duration limit(String text) {
        Duration limit = DurationText.parse(text);
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException("a lag must be positive");
        }
        return limit;
    }

    private static void requireKnown(
            ConnectionFactoryOptions options,
            Option<String> wish,
            Option<String> given,
            List<NodeSettings> nodes,
            Function<Placement, Stream<String>> names) {
        Object wished = options.getValue(wish);
        Set<String> known = nodes.stream()
                .flatMap(node -> names.apply(node.placement()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Set<String> unknown = new LinkedHashSet<>(
                wished == null ? List.of() : List.of(wished.toString().split("\\|")));
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new InvalidRoutingOptionException(
                    wish.name(),
                    "is '" + wished + "', but no node has the " + wish.name() + " " + String.join(", ", unknown),
                    known.isEmpty() ? "one that option '" + given.name() + "' gives to a node" : "one of " + known,
                    "correct it, or give it to nodes");
        }
    }
}
