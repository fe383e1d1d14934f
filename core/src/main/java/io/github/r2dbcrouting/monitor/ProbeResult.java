package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import java.util.List;
import java.util.Objects;

/**
 * What one probe saw. New facts are added as further components.
 *
 * @param role what the node is
 * @param server which server answered
 * @param position the position whose changes its readers see; for a primary the flushed position
 * @param link over which it receives changes; {@link ReplicationLink#UNKNOWN} for a primary
 * @param reconnected whether this probe had to open its connection anew, so that the node may have been away in between;
 *     it then counts as restarted
 * @param subscriptions the logical subscriptions by which the server receives changes of other clusters, by name
 */
public record ProbeResult(
        NodeRole role,
        ServerIdentity server,
        ReplicationPosition position,
        ReplicationLink link,
        boolean reconnected,
        List<String> subscriptions) {

    public ProbeResult {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(link, "link");
        subscriptions = List.copyOf(subscriptions);
    }

    /** Creates the result of a probe of a server that subscribes to nothing. */
    public ProbeResult(
            NodeRole role,
            ServerIdentity server,
            ReplicationPosition position,
            ReplicationLink link,
            boolean reconnected) {
        this(role, server, position, link, reconnected, List.of());
    }
}
