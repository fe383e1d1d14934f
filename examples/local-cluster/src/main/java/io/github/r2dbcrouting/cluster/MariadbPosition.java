package io.github.r2dbcrouting.cluster;

import java.util.HashMap;
import java.util.Map;

/**
 * A position in MariaDB's binary log: the last transaction of each domain.
 *
 * @param last by domain
 */
record MariadbPosition(Map<String, Transaction> last) {

    /** A transaction of one domain: its number, and the server that wrote it. */
    record Transaction(long number, String server) {}

    /** Parses {@code domain-server-number}, several separated by commas, or nothing. */
    static MariadbPosition parse(String text) {
        Map<String, Transaction> last = new HashMap<>();
        for (String each : text.split(",")) {
            if (!each.isBlank()) {
                String[] parts = each.trim().split("-");
                last.put(parts[0], new Transaction(Long.parseLong(parts[2]), parts[1]));
            }
        }
        return new MariadbPosition(Map.copyOf(last));
    }

    /** Whether this is certainly not a part of the other's history: further than it, or not the same at the same number. */
    boolean isNotOnTheWayTo(MariadbPosition other) {
        return last.entrySet().stream().anyMatch(entry -> {
            Transaction own = entry.getValue();
            Transaction theirs = other.last.get(entry.getKey());
            return theirs == null || own.number() >= theirs.number() && !own.equals(theirs);
        });
    }

    /** Whether this is the other one or, in the same history, further. */
    boolean hasReached(MariadbPosition other) {
        return other.last.entrySet().stream().allMatch(entry -> {
            Transaction own = last.get(entry.getKey());
            Transaction theirs = entry.getValue();
            return own != null && (own.number() > theirs.number() || own.equals(theirs));
        });
    }
}
