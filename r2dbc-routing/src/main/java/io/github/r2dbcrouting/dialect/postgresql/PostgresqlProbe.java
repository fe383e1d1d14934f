package io.github.r2dbcrouting.dialect.postgresql;

import io.github.r2dbcrouting.dialect.ConnectionSetUp;
import io.github.r2dbcrouting.dialect.DatabaseDialect.ProbeAnswer;
import io.github.r2dbcrouting.monitor.ProbeResult;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogLineage;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.r2dbc.spi.Row;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The questions to a PostgreSQL server and the reading of their answers. */
final class PostgresqlProbe {

    /**
     * Role, position and timeline. On a primary the timeline is taken from the name of the file being written, since
     * right after a promotion the control file still tells the old one. On a standby it is the receiver's, which only
     * {@code pg_monitor} may see; else the newer one of those in the control file, which may be late.
     */
    private static final String POSITION = """
            pg_is_in_recovery() AS standby,
            CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END::text AS lsn,
            CASE WHEN pg_is_in_recovery()
              THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
                            greatest((SELECT timeline_id FROM pg_control_checkpoint()),
                                     (SELECT min_recovery_end_timeline FROM pg_control_recovery())))::text
              ELSE pg_walfile_name(pg_current_wal_lsn()) END AS timeline
            """;

    /** Ends with the id of the session that is looked for. */
    static final String GONE_SQL = "select count(*) = 0 from pg_stat_activity where pid = ";

    static final String SET_UP_SQL =
            "SELECT " + POSITION + ", pg_backend_pid() AS pid, current_setting('synchronous_commit') AS sync,"
                    + " extract(epoch FROM current_setting('wal_writer_delay')::interval)::float8 AS delay";

    /** The WAL writer flushes what was committed asynchronously within three times its delay; a bit more, since it may be late. */
    private static final double FLUSH_DELAYS = 5;

    /**
     * Where the timeline of a primary began. A server that was promoted keeps in memory what it replayed last, and that is where it
     * began to write itself. After a restart the same function tells something else; but a server that has received changes
     * since its start was a replica then. A replica tells what it must have replayed to be whole, which the control file
     * holds with its timeline.
     */
    private static final String LINEAGE = """
            CASE WHEN NOT pg_is_in_recovery() AND pg_last_wal_receive_lsn() IS NOT NULL
              THEN pg_last_wal_replay_lsn() END::text AS began,
            c.min_recovery_end_timeline AS held_timeline, c.min_recovery_end_lsn::text AS held_lsn
            """;

    /** The function that the script for the monitor creates; ends with the number of the timeline. */
    static final String HISTORY_SQL = "SELECT routing_timeline_history(%d)";

    static final String SQL = "SELECT " + POSITION + ", " + LINEAGE + """
            , (SELECT system_identifier FROM pg_control_system())::text AS cluster,
            pg_postmaster_start_time()::text AS started,
            current_setting('server_version') AS version,
            current_setting('max_connections')::int AS limit,
            pg_backend_pid() AS pid,
            (SELECT array_agg(DISTINCT subname::text) FROM pg_stat_subscription) AS subscriptions,
            r.pid IS NOT NULL AS receiver, r.status, r.sender_host, r.sender_port
            FROM pg_control_recovery() AS c LEFT JOIN pg_stat_wal_receiver r ON true
            """;

    private PostgresqlProbe() {}

    static ProbeAnswer read(Row row, boolean reconnected) {
        boolean standby = flag(row, "standby");
        String[] subscriptions = row.get("subscriptions", String[].class);
        LogPosition position = position(row, standby);
        ReplicationLink link = standby ? link(row) : ReplicationLink.UNKNOWN;
        ProbeResult result = new ProbeResult(
                        standby ? NodeRole.REPLICA : NodeRole.PRIMARY,
                        new ServerIdentity(text(row, "cluster"), text(row, "started"), text(row, "version")),
                        position,
                        link,
                        reconnected)
                .subscribing(subscriptions == null ? List.of() : List.of(subscriptions));
        return new ProbeAnswer(
                standby ? result.holding(held(row, position, link)) : result.with(lineage(row, position)),
                number(row, "pid"),
                number(row, "limit"));
    }

    private static LogLineage lineage(Row row, LogPosition position) {
        LogLineage lineage = LogLineage.of(position.branch().timeline());
        String began = row.get("began", String.class);
        return began == null ? lineage : lineage.beginning(LogPosition.parseLsn(began));
    }

    /** While it streams, the timeline is that of what it receives; else it may have gone on to a newer one unnoticed. */
    private static @Nullable LogPosition held(Row row, LogPosition position, ReplicationLink link) {
        if (link.state() == ReplicationLink.State.STREAMING) {
            return position;
        }
        int timeline = number(row, "held_timeline");
        return timeline == 0
                ? null
                : new LogPosition(Branch.ofTimeline(timeline), LogPosition.parseLsn(text(row, "held_lsn")));
    }

    /** Reads a timeline's history file: a line for each older timeline, with its number and where the next one began. */
    static LogLineage readHistory(long timeline, String file) {
        List<LogPosition> ends = file.lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 1 && !words[0].startsWith("#"))
                .map(words ->
                        new LogPosition(Branch.ofTimeline(Long.parseLong(words[0])), LogPosition.parseLsn(words[1])))
                .toList();
        return LogLineage.of(timeline, ends);
    }

    static ConnectionSetUp readSetUp(Row row) {
        return new ConnectionSetUp(
                number(row, "pid"),
                position(row, flag(row, "standby")),
                text(row, "sync").equals("off"),
                flushTime(row));
    }

    private static Duration flushTime(Row row) {
        Double delay = row.get("delay", Double.class);
        return Duration.ofMillis(delay == null ? 0 : Math.round(delay * FLUSH_DELAYS * 1000));
    }

    private static LogPosition position(Row row, boolean standby) {
        String timeline = text(row, "timeline");
        // A WAL file's name begins with its timeline in eight hexadecimal digits.
        long number = standby ? Long.parseLong(timeline) : Long.parseLong(timeline.substring(0, 8), 16);
        return new LogPosition(Branch.ofTimeline(number), LogPosition.parseLsn(text(row, "lsn")));
    }

    /** No row at all means no receiver; a row without a status means that this role may not see it. */
    private static ReplicationLink link(Row row) {
        String status = row.get("status", String.class);
        Integer port = row.get("sender_port", Integer.class);
        if (!flag(row, "receiver")) {
            return new ReplicationLink(ReplicationLink.State.DISCONNECTED, null, 0);
        }
        if (status == null) {
            return ReplicationLink.UNKNOWN;
        }
        ReplicationLink.State state =
                status.equals("streaming") ? ReplicationLink.State.STREAMING : ReplicationLink.State.DISCONNECTED;
        return new ReplicationLink(state, row.get("sender_host", String.class), port == null ? 0 : port);
    }

    private static int number(Row row, String column) {
        Integer value = row.get(column, Integer.class);
        return value == null ? 0 : value;
    }

    private static boolean flag(Row row, String column) {
        return Boolean.TRUE.equals(row.get(column, Boolean.class));
    }

    private static String text(Row row, String column) {
        @Nullable String value = row.get(column, String.class);
        if (value == null) {
            throw new IllegalStateException("the server answered no " + column);
        }
        return value;
    }
}
