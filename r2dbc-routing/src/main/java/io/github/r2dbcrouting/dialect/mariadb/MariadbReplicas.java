package io.github.r2dbcrouting.dialect.mariadb;

import io.github.r2dbcrouting.dialect.ReportedReplica;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.Row;
import java.util.Objects;

/** What a MariaDB primary says of its replicas: what they report by {@code report_host} and {@code report_port}. */
final class MariadbReplicas {

    static final String SQL = "SHOW SLAVE HOSTS";

    private MariadbReplicas() {}

    static ReportedReplica read(Row row) {
        Number port = (Number) row.get("Port");
        return new ReportedReplica(
                null,
                row.get("Host", String.class),
                Objects.requireNonNullElse(port, 0).intValue());
    }

    static R2dbcException refused(R2dbcException error) {
        return new R2dbcPermissionDeniedException(
                "the monitor's user may not see the replicas (" + error.getMessage()
                        + "); GRANT REPLICATION MASTER ADMIN ON *.* TO it",
                error.getSqlState(),
                error.getErrorCode(),
                error);
    }
}
