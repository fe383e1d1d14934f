package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
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
 */
public record ProbeResult(
        NodeRole role, ServerIdentity server, ReplicationPosition position, ReplicationLink link, boolean reconnected) {

    public ProbeResult {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(link, "link");
    }
}
