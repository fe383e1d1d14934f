package io.github.r2dbcrouting;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.time.DateTimeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads options that give values to some of the nodes, as {@code node=value}, several separated by commas. */
final class NodeValues {

    private final ConnectionFactoryOptions options;
    private final List<NodeId> nodes;
    private final int defaultPort;

    /**
     * Creates a reader.
     *
     * @param nodes those there are
     * @param defaultPort the port that may be left out where a node is named by its address
     */
    NodeValues(ConnectionFactoryOptions options, List<NodeSettings> nodes, int defaultPort) {
        this.options = options;
        this.nodes = nodes.stream().map(NodeSettings::id).toList();
        this.defaultPort = defaultPort;
    }

    /**
     * Returns the values of the nodes that an option names, none if it is not set.
     *
     * @param what the value is, a noun such as {@code "region"}
     * @param parser reads a value, which is not empty; fails with an {@link IllegalArgumentException}, also for a date or time
     */
    <T> Map<NodeId, T> read(Option<?> option, String what, Function<String, T> parser) {
        Object given = options.getValue(option);
        Map<NodeId, T> values = new LinkedHashMap<>();
        for (String entry : given == null ? new String[0] : given.toString().split(",", -1)) {
            int equals = entry.lastIndexOf('=');
            String name = entry.substring(0, Math.max(equals, 0)).trim();
            String value = entry.substring(equals + 1).trim();
            if (name.isEmpty() || value.isEmpty()) {
                throw new InvalidRoutingOptionException(
                        option.name(),
                        "holds '" + entry.trim() + "', which cannot be read",
                        "a node and its " + what,
                        remedy(what));
            }
            if (values.put(named(name, option, what), parse(value, option, what, parser)) != null) {
                throw new InvalidRoutingOptionException(
                        option.name(), "names " + name + " twice", "one " + what + " for each node", remedy(what));
            }
        }
        return values;
    }

    /** Fails where an option is set that would be for none of the nodes which are found by the names that were given. */
    void requireNone(Option<?> option) {
        if (options.hasOption(option)) {
            throw new InvalidRoutingOptionException(
                    option.name(),
                    "is set with discovery=dns",
                    "none for single nodes, since they are found under names of their own",
                    "set what holds for all nodes, or list the nodes without discovery");
        }
    }

    private static <T> T parse(String value, Option<?> option, String what, Function<String, T> parser) {
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException | DateTimeException unreadable) {
            throw new InvalidRoutingOptionException(
                    option.name(),
                    "holds '" + value + "' (" + unreadable.getMessage() + ")",
                    "a node and its " + what,
                    remedy(what),
                    unreadable);
        }
    }

    private static String remedy(String what) {
        return "write node=" + what + ", several separated by commas";
    }

    /** A node has the name that it was given, or its address, where the usual port may be left out. */
    private NodeId named(String name, Option<?> option, String what) {
        Set<String> names = Set.of(name, name + ":" + defaultPort);
        return nodes.stream()
                .filter(node -> names.contains(node.name()))
                .findFirst()
                .orElseThrow(() -> new InvalidRoutingOptionException(
                        option.name(),
                        "names '" + name + "', which is no node",
                        "one of " + nodes.stream().map(NodeId::name).collect(Collectors.joining(", ")),
                        remedy(what)));
    }
}
