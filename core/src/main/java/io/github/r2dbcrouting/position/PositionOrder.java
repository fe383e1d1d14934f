package io.github.r2dbcrouting.position;

import io.github.r2dbcrouting.position.MariaDbGtidPosition.Gtid;
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

    /**
     * Within a domain the numbers of one server are one line; those of two servers are only as long as nobody is promoted who had not
     * replayed all, so that of them no more can be told than what is surely missing.
     */
    private static Coverage covers(MariaDbGtidPosition reached, MariaDbGtidPosition required) {
        Coverage coverage = Coverage.YES;
        for (Map.Entry<Long, Gtid> domain : required.domains().entrySet()) {
            Gtid last = reached.domains().get(domain.getKey());
            Gtid asked = domain.getValue();
            if (last == null || Long.compareUnsigned(last.sequence(), asked.sequence()) < 0) {
                return Coverage.NO;
            }
            if (last.serverId() != asked.serverId()) {
                coverage = Coverage.UNKNOWN;
            }
        }
        return coverage;
    }
}
