package io.github.r2dbcrouting.topology;

import org.jspecify.annotations.Nullable;

/**
 * Where a node is found.
 *
 * @param id its name
 * @param host a host name or an address; an IPv6 address stands here without brackets
 * @param port a TCP port, 1 to 65535
 * @param region where it stands, as the user calls it, or {@code null}
 */
public record NodeSettings(
        NodeId id, String host, int port, @Nullable String region) {

    public NodeSettings {
        if (host.isBlank()) {
            throw new IllegalArgumentException("node " + id + ": host must not be blank");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("node " + id + ": port must be 1 to 65535, got " + port);
        }
        if (region != null && region.isBlank()) {
            throw new IllegalArgumentException("node " + id + ": region must not be blank");
        }
    }

    /** Creates a node of no region. */
    public NodeSettings(NodeId id, String host, int port) {
        this(id, host, port, null);
    }

    /** Returns the same node in a region. */
    public NodeSettings in(String place) {
        return new NodeSettings(id, host, port, place);
    }

    /** Returns a node named after its address. */
    public static NodeSettings of(String host, int port) {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
        return new NodeSettings(new NodeId(name), host, port);
    }
}
