package io.github.r2dbcrouting;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the nodes: those in a URL's host, and those of the option {@code nodes} beside them. R2DBC's own URL parser leaves
 * a list of hosts as it is and does not check it, and refuses one with an IPv6 literal, which goes into the option.
 */
final class NodeList {

    private static final String REMEDY = "write host:port, several separated by commas, IPv6 as [address]:port";

    private NodeList() {}

    static List<NodeSettings> read(ConnectionFactoryOptions options, List<NodeSettings> listed, int defaultPort) {
        Object host = options.getValue(ConnectionFactoryOptions.HOST);
        Object further = options.getValue(RoutingOptions.NODES);
        if (!listed.isEmpty()) {
            if (host != null || further != null) {
                throw new InvalidRoutingOptionException(
                        host == null ? "nodes" : "host",
                        "is set beside nodes that were added one by one",
                        "one of the two",
                        "take out the option, or add no node by itself");
            }
            return listed;
        }
        List<NodeSettings> nodes = new ArrayList<>();
        if (host != null) {
            nodes.addAll(parse(host.toString(), "host", port(options, defaultPort)));
        }
        if (further != null) {
            nodes.addAll(parse(further.toString(), "nodes", defaultPort));
        }
        return nodes;
    }

    private static int port(ConnectionFactoryOptions options, int otherwise) {
        Object port = options.getValue(ConnectionFactoryOptions.PORT);
        return port == null ? otherwise : port(port.toString(), "port");
    }

    private static List<NodeSettings> parse(String list, String option, int defaultPort) {
        List<NodeSettings> nodes = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            String node = part.trim();
            if (node.isEmpty()) {
                throw new InvalidRoutingOptionException(
                        option, "has an empty entry in '" + list + "'", "a host in each", REMEDY);
            }
            nodes.add(node(node, option, defaultPort));
        }
        return nodes;
    }

    private static NodeSettings node(String text, String option, int defaultPort) {
        int bracket = text.lastIndexOf(']');
        int colon = text.lastIndexOf(':');
        boolean literal = text.startsWith("[");
        if (literal != bracket > 0 || !literal && colon != text.indexOf(':')) {
            throw new InvalidRoutingOptionException(
                    option, "holds '" + text + "', which cannot be read", "a host and a port", REMEDY);
        }
        boolean hasPort = colon > bracket;
        String host = literal ? text.substring(1, bracket) : hasPort ? text.substring(0, colon) : text;
        if (host.isBlank() || literal && bracket != text.length() - 1 && colon != bracket + 1) {
            throw new InvalidRoutingOptionException(
                    option, "holds '" + text + "', which cannot be read", "a host and a port", REMEDY);
        }
        return NodeSettings.of(host, hasPort ? port(text.substring(colon + 1), option) : defaultPort);
    }

    private static int port(String text, String option) {
        Integer port = number(text);
        if (port == null) {
            // Not quoted: it may be a password of which something was not escaped.
            throw new InvalidRoutingOptionException(
                    option, "holds a port that is no number", "a number from 1 to 65535", REMEDY);
        }
        return inRange(port, option);
    }

    private static int inRange(int port, String option) {
        if (port < 1 || port > 65_535) {
            throw new InvalidRoutingOptionException(
                    option, "holds the port " + port, "a number from 1 to 65535", REMEDY);
        }
        return port;
    }

    /** Returns a node that was given by itself. */
    static NodeSettings single(@Nullable String name, String host, int port) {
        if (host.isBlank()) {
            throw new InvalidRoutingOptionException("nodes", "holds a blank host", "a host in each", REMEDY);
        }
        NodeSettings node = NodeSettings.of(host, inRange(port, "nodes"));
        if (name == null) {
            return node;
        }
        if (name.isBlank()) {
            throw new InvalidRoutingOptionException(
                    "nodes", "names " + node.id() + " by blanks", "a name", "give it one, or none at all");
        }
        return new NodeSettings(new NodeId(name), host, port);
    }

    private static @Nullable Integer number(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
