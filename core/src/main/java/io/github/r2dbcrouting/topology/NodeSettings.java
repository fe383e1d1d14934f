package io.github.r2dbcrouting.topology;

/**
 * Where a node is found.
 *
 * @param id its name
 * @param host a host name or an address; an IPv6 address stands here without brackets
 * @param port a TCP port, 1 to 65535
 */
public record NodeSettings(NodeId id, String host, int port) {

    public NodeSettings {
        if (host.isBlank()) {
            throw new IllegalArgumentException("node " + id + ": host must not be blank");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("node " + id + ": port must be 1 to 65535, got " + port);
        }
    }

    /** Returns a node named after its address. */
    public static NodeSettings of(String host, int port) {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
        return new NodeSettings(new NodeId(name), host, port);
    }
}
