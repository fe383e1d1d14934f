package io.github.r2dbcrouting.position;

import java.util.Map;

/**
 * A MariaDB GTID position: for each replication domain the last transaction, written {@code domain-server-sequence}.
 *
 * @param domains the last transaction of each domain, keyed by domain id; empty for a server that has logged nothing
 */
public record MariaDbGtidPosition(Map<Long, Gtid> domains) implements ReplicationPosition {

    public MariaDbGtidPosition {
        domains = Map.copyOf(domains);
    }

    /**
     * The last transaction of a domain.
     *
     * @param serverId the id of the server that wrote it
     * @param sequence its number within the domain, as an unsigned 64-bit number
     */
    public record Gtid(long serverId, long sequence) {}
}
