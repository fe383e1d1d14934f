package io.github.r2dbcrouting.topology;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where a node is found, and how it is to be used.
 *
 * @param id its name
 * @param host a host name or an address; an IPv6 address stands here without brackets
 * @param port a TCP port, 1 to 65535
 * @param placement where it stands and what it is for
 * @param share how much of the reads it is to serve
 * @param maxLag how far it may be behind to serve reads, positive, or {@code null} for as far as any other
 */
public record NodeSettings(
        NodeId id,
        String host,
        int port,
        Placement placement,
        NodeShare share,
        @Nullable Duration maxLag) {

    public NodeSettings {
        if (host.isBlank()) {
            throw new IllegalArgumentException("node " + id + ": host must not be blank");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("node " + id + ": port must be 1 to 65535, got " + port);
        }
        if (maxLag != null && (maxLag.isZero() || maxLag.isNegative())) {
            throw new IllegalArgumentException("node " + id + ": maxLag must be positive, got " + maxLag);
        }
    }

    /** Creates a node that may be as far behind as any other. */
    public NodeSettings(NodeId id, String host, int port, Placement placement, NodeShare share) {
        this(id, host, port, placement, share, null);
    }

    /** Creates a node of no place in particular, with an equal share. */
    public NodeSettings(NodeId id, String host, int port) {
        this(id, host, port, Placement.NONE, NodeShare.EQUAL);
    }

    /** Returns the same node in another place. */
    public NodeSettings at(Placement place) {
        return new NodeSettings(id, host, port, place, share, maxLag);
    }

    /** Returns the same node in a region. */
    public NodeSettings in(String region) {
        return at(placement.inRegion(region));
    }

    /** Returns the same node with another share. */
    public NodeSettings sharing(NodeShare other) {
        return new NodeSettings(id, host, port, placement, other, maxLag);
    }

    /** Returns the same node with another limit of its lag, or with that of all others. */
    public NodeSettings within(@Nullable Duration limit) {
        return new NodeSettings(id, host, port, placement, share, limit);
    }

    /** Returns the region where it stands, or {@code null} if none is known. */
    public @Nullable String region() {
        return placement.region();
    }

    /** Returns a node named after its address. */
    public static NodeSettings of(String host, int port) {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
        return new NodeSettings(new NodeId(name), host, port);
    }
}
