package io.github.r2dbcrouting.dialect.postgresql;

import io.github.r2dbcrouting.dialect.ServerVersion;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.position.ReplicationPosition;
import org.jspecify.annotations.Nullable;

/** The statement by which a replica says when it has replayed so much, of PostgreSQL 19 and later. */
final class PostgresqlWait {

    private static final ServerVersion OLDEST = new ServerVersion(19, 0);

    /** Longer than replicas take as a rule, and shorter than anybody would miss the next probe. */
    private static final int LIMIT_MILLIS = 20;

    private PostgresqlWait() {}

    /**
     * Returns the statement, or {@code null} where the server has no such thing or nothing is to be waited for. It knows nothing of
     * timelines: what it has waited for, only the probe that follows tells. It ends without an error when the time is over, and on
     * a server that was promoted meanwhile.
     */
    static @Nullable String sql(String serverVersion, PositionBound bound) {
        Long furthest = furthest(bound);
        return furthest == null || ServerVersion.parse(serverVersion).compareTo(OLDEST) < 0
                ? null
                : "WAIT FOR LSN '" + LogPosition.formatLsn(furthest) + "' WITH (MODE 'standby_replay', TIMEOUT '"
                        + LIMIT_MILLIS + "ms', NO_THROW)";
    }

    private static @Nullable Long furthest(PositionBound bound) {
        Long furthest = null;
        for (ReplicationPosition position : bound.positions()) {
            if (position instanceof LogPosition log
                    && (furthest == null || Long.compareUnsigned(log.lsn(), furthest) > 0)) {
                furthest = log.lsn();
            }
        }
        return furthest;
    }
}
