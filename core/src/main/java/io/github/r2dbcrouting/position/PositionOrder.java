package io.github.r2dbcrouting.position;

import java.util.Map;

/** The order of positions as far as it can be told without knowing any fork. */
final class PositionOrder {

    private PositionOrder() {}

    static Coverage covers(ReplicationPosition reached, ReplicationPosition required) {
        if (reached instanceof LogPosition r && required instanceof LogPosition q) {
            return covers(r, q);
        }
        if (reached instanceof MariaDbGtidPosition r && required instanceof MariaDbGtidPosition q) {
            return covers(r, q);
        }
        return Coverage.UNKNOWN;
    }

    private static Coverage covers(LogPosition reached, LogPosition required) {
        if (!reached.branch().isSameAs(required.branch())) {
            return Coverage.UNKNOWN;
        }
        return Long.compareUnsigned(reached.lsn(), required.lsn()) >= 0 ? Coverage.YES : Coverage.NO;
    }

    /** Within a domain the sequence numbers are one line only as long as the servers agree on it (strict mode). */
    private static Coverage covers(MariaDbGtidPosition reached, MariaDbGtidPosition required) {
        for (Map.Entry<Long, MariaDbGtidPosition.Gtid> domain :
                required.domains().entrySet()) {
            MariaDbGtidPosition.Gtid last = reached.domains().get(domain.getKey());
            if (last == null
                    || Long.compareUnsigned(last.sequence(), domain.getValue().sequence()) < 0) {
                return Coverage.NO;
            }
        }
        return Coverage.YES;
    }
}
