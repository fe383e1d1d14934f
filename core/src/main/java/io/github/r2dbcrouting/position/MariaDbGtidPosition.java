package io.github.r2dbcrouting.position;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
    public record Gtid(long serverId, long sequence) {

        Gtid later(Gtid other) {
            return Long.compareUnsigned(sequence, other.sequence) >= 0 ? this : other;
        }
    }

    /**
     * Reads a position as MariaDB writes it in {@code gtid_slave_pos}: {@code 0-1-100,1-2-5}; empty or blank text is the
     * position of a server that has logged nothing.
     *
     * @throws IllegalArgumentException if the text is anything else, or names a domain twice
     */
    public static MariaDbGtidPosition parse(String text) {
        Map<Long, Gtid> domains = new HashMap<>();
        if (!text.isBlank()) {
            for (String gtid : text.split(",", -1)) {
                parse(gtid.strip(), text, domains);
            }
        }
        return new MariaDbGtidPosition(domains);
    }

    private static void parse(String gtid, String text, Map<Long, Gtid> domains) {
        String[] parts = gtid.split("-", -1);
        if (parts.length != 3) {
            throw malformed(text, "'" + gtid + "' does not have three parts");
        }
        Gtid last;
        long domain;
        try {
            domain = Integer.toUnsignedLong(Integer.parseUnsignedInt(digits(parts[0])));
            long serverId = Integer.toUnsignedLong(Integer.parseUnsignedInt(digits(parts[1])));
            last = new Gtid(serverId, Long.parseUnsignedLong(digits(parts[2])));
        } catch (NumberFormatException e) {
            throw malformed(text, "'" + gtid + "' has a part that is no number or is too large");
        }
        if (domains.put(domain, last) != null) {
            throw malformed(text, "domain " + domain + " stands there twice");
        }
    }

    /** The parsers of numbers take a sign, a GTID has none. */
    private static String digits(String part) {
        if (part.startsWith("+")) {
            throw new NumberFormatException(part);
        }
        return part;
    }

    private static IllegalArgumentException malformed(String text, String problem) {
        return new IllegalArgumentException("not a GTID position: '" + text + "': " + problem
                + "; expected domain-server-sequence, separated by commas, such as 0-1-100,1-2-5");
    }

    /**
     * {@inheritDoc} Two positions have one if in no domain their last transactions are of different servers: which of those
     * includes the other the numbers do not tell, once servers have gone apart.
     */
    @Override
    public @Nullable MariaDbGtidPosition merge(ReplicationPosition other) {
        if (!(other instanceof MariaDbGtidPosition that)) {
            return null;
        }
        Map<Long, Gtid> merged = new HashMap<>(domains);
        for (Map.Entry<Long, Gtid> domain : that.domains.entrySet()) {
            Gtid present = merged.get(domain.getKey());
            if (present != null && present.serverId != domain.getValue().serverId) {
                return null;
            }
            merged.merge(domain.getKey(), domain.getValue(), Gtid::later);
        }
        return new MariaDbGtidPosition(merged);
    }

    /** Returns the position as MariaDB writes it, in the order of the domains. */
    @Override
    public String toString() {
        return new TreeMap<>(domains)
                .entrySet().stream()
                        .map(domain -> domain.getKey() + "-" + domain.getValue().serverId() + "-"
                                + Long.toUnsignedString(domain.getValue().sequence()))
                        .collect(Collectors.joining(","));
    }
}
