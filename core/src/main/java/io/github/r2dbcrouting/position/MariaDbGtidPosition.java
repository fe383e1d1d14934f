package io.github.r2dbcrouting.position;

import java.util.HashMap;
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
     * Reads a position as the server writes it: {@code domain-server-sequence}, several separated by commas, or nothing.
     *
     * @throws IllegalArgumentException if the text is not one
     */
    public static MariaDbGtidPosition parse(String text) {
        Map<Long, Gtid> domains = new HashMap<>();
        if (!text.isBlank()) {
            for (String gtid : text.split(",", -1)) {
                String[] parts = gtid.trim().split("-", -1);
                try {
                    domains.put(
                            Long.parseLong(parts[0]),
                            new Gtid(Long.parseLong(parts[1]), Long.parseUnsignedLong(parts[2])));
                } catch (NumberFormatException | IndexOutOfBoundsException e) {
                    throw new IllegalArgumentException("not a GTID position such as 0-1-100: '" + text + "'", e);
                }
            }
        }
        return new MariaDbGtidPosition(domains);
    }

    /**
     * The last transaction of a domain.
     *
     * @param serverId the id of the server that wrote it
     * @param sequence its number within the domain, as an unsigned 64-bit number
     */
    public record Gtid(long serverId, long sequence) {}
}
