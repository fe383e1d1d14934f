package io.github.r2dbcrouting.dialect.mariadb;

import io.github.r2dbcrouting.dialect.ConnectionSetUp;
import io.github.r2dbcrouting.dialect.DatabaseDialect.ProbeAnswer;
import io.github.r2dbcrouting.monitor.ProbeResult;
import io.github.r2dbcrouting.position.GtidLineage;
import io.github.r2dbcrouting.position.MariaDbGtidPosition;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.r2dbc.spi.Row;
import java.time.Duration;

/** The questions to a MariaDB server and the reading of their answers. */
final class MariadbProbe {

    /** What readers see: on a replica what was replayed, on a primary what was logged. */
    private static final String POSITION =
            "CASE WHEN @@global.read_only = 0 THEN @@global.gtid_binlog_pos ELSE @@global.gtid_slave_pos END";

    /**
     * MariaDB has no name for a cluster and no start time to the millisecond. A restart always ends the monitor's
     * connection, so the server's own id does as the name of the instance; with its address, since ids may be given twice.
     */
    static final String SQL = "SELECT CASE WHEN @@global.read_only = 0 THEN 'primary' ELSE 'replica' END AS role, "
            + POSITION + " AS pos, CONCAT(@@global.server_id, ' at ', @@hostname, ':', @@port) AS instance,"
            + " @@version AS version, CONNECTION_ID() AS id, @@global.max_connections AS connection_limit,"
            + " @@global.server_id AS server, @@global.gtid_slave_pos AS replayed, @@global.gtid_current_pos AS held";

    static final String LINK_SQL = "SHOW REPLICA STATUS";

    static final String SET_UP_SQL = "SELECT CONNECTION_ID() AS id, " + POSITION + " AS pos";

    private MariadbProbe() {}

    static ProbeAnswer read(Row row, boolean reconnected) {
        boolean primary = text(row, "role").equals("primary");
        MariaDbGtidPosition position = MariaDbGtidPosition.parse(text(row, "pos"));
        ProbeResult result = new ProbeResult(
                primary ? NodeRole.PRIMARY : NodeRole.REPLICA,
                new ServerIdentity(null, text(row, "instance"), text(row, "version")),
                position,
                ReplicationLink.UNKNOWN,
                reconnected);
        // A primary's own writes are not in what it has replayed; a replica that was one still has them beside that.
        ProbeResult told = primary
                ? result.with(GtidLineage.of(
                        number(row, "server"), MariaDbGtidPosition.parse(text(row, "replayed")), position))
                : result.holding(MariaDbGtidPosition.parse(text(row, "held")));
        return new ProbeAnswer(told, number(row, "id"), (int) number(row, "connection_limit"));
    }

    static ReplicationLink readLink(Row row) {
        boolean running = text(row, "Slave_IO_Running").equals("Yes")
                && text(row, "Slave_SQL_Running").equals("Yes");
        Integer port = row.get("Master_Port", Integer.class);
        return new ReplicationLink(
                running ? ReplicationLink.State.STREAMING : ReplicationLink.State.DISCONNECTED,
                row.get("Master_Host", String.class),
                port == null ? 0 : port);
    }

    static ProbeAnswer with(ReplicationLink link, ProbeAnswer answer) {
        return new ProbeAnswer(answer.result().with(link), answer.backendId(), answer.connectionLimit());
    }

    static ConnectionSetUp readSetUp(Row row) {
        return new ConnectionSetUp(
                number(row, "id"), MariaDbGtidPosition.parse(text(row, "pos")), false, Duration.ZERO);
    }

    private static long number(Row row, String column) {
        Long value = row.get(column, Long.class);
        return value == null ? 0 : value;
    }

    private static String text(Row row, String column) {
        String value = row.get(column, String.class);
        if (value == null) {
            throw new IllegalStateException("the server answered no " + column);
        }
        return value;
    }
}
