package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
 * @param lineage for a primary, what it tells of its branch; else {@link Lineage#UNKNOWN}
 * @param held for a replica, a position that it surely holds, by which it is told whether it is on the primary's branch; {@code null}
 *     where there is no such proof
 */
public record ProbeResult(
        NodeRole role,
        ServerIdentity server,
        ReplicationPosition position,
        ReplicationLink link,
        boolean reconnected,
        List<String> subscriptions,
        Lineage lineage,
        @Nullable ReplicationPosition held) {

    public ProbeResult {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(link, "link");
        Objects.requireNonNull(lineage, "lineage");
        subscriptions = List.copyOf(subscriptions);
    }

    /** Creates the result of a probe of a server that subscribes to nothing. */
    public ProbeResult(
            NodeRole role,
            ServerIdentity server,
            ReplicationPosition position,
            ReplicationLink link,
            boolean reconnected) {
        this(role, server, position, link, reconnected, List.of(), Lineage.UNKNOWN, null);
    }

    /** Returns the same, received over a link. */
    public ProbeResult with(ReplicationLink other) {
        return new ProbeResult(role, server, position, other, reconnected, subscriptions, lineage, held);
    }

    /** Returns the same with what a primary tells of its branch. */
    public ProbeResult with(Lineage told) {
        return new ProbeResult(role, server, position, link, reconnected, subscriptions, told, held);
    }

    /** Returns the same with what the server subscribes to. */
    public ProbeResult subscribing(List<String> names) {
        return new ProbeResult(role, server, position, link, reconnected, names, lineage, held);
    }

    /** Returns the same with a position that a replica surely holds. */
    public ProbeResult holding(@Nullable ReplicationPosition surely) {
        return new ProbeResult(role, server, position, link, reconnected, subscriptions, lineage, surely);
    }
}
