package io.github.r2dbcrouting.dialect.postgresql;

import io.github.r2dbcrouting.dialect.ReportedReplica;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.Row;

/** What a PostgreSQL primary says of those that receive its changes. It does not know on which port they listen. */
final class PostgresqlReplicas {

    /** Neither backups, nor archives, nor subscribers. */
    static final String SQL = """
            SELECT r.application_name AS name, host(r.client_addr) AS host, r.state AS state
            FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
            WHERE coalesce(s.slot_type, 'physical') = 'physical' AND r.state IS DISTINCT FROM 'backup'
              AND coalesce(r.application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')""";

    private PostgresqlReplicas() {}

    static ReportedReplica read(Row row) {
        if (row.get("state", String.class) == null) {
            throw new R2dbcPermissionDeniedException(
                    "the monitor's user may not see the replicas in pg_stat_replication; GRANT pg_read_all_stats TO it");
        }
        return new ReportedReplica(row.get("name", String.class), row.get("host", String.class), 0);
    }
}
