package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/** PostgreSQL with streaming replication. */
final class PostgresqlServer implements DatabaseServer {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final List<String> DIVERGED = List.of(
            "forked off current database system timeline",
            "is not in this server's history",
            "is behind recovery timeline",
            "does not contain minimum recovery point");

    /** How long a replica that neither streams nor says why not, such as one whose replay is paused, is waited for. */
    private static final Duration PARTING_TIME = Duration.ofSeconds(3);

    private static final long PAGE = 8192;
    private static final long PAGE_HEADER = 24;
    private static final long SEGMENT = 16L * 1024 * 1024;
    private static final long SEGMENT_HEADER = 40;

    private final ServerSettings settings;
    private final PostgresqlFiles files;

    PostgresqlServer(ServerSettings settings) {
        this.settings = settings;
        this.files = new PostgresqlFiles(settings);
    }

    @Override
    public ClusterUsers users() {
        return settings.users();
    }

    @Override
    public String stopSignal() {
        return "INT";
    }

    @Override
    public String quitSignal() {
        return "QUIT";
    }

    @Override
    public List<String> command(ClusterNode node) {
        return files.program(
                "postgres",
                "-D",
                node.data().toString(),
                "-p",
                Integer.toString(node.port()),
                "-c",
                "cluster_name=" + node.name());
    }

    @Override
    public boolean isReady(ClusterNode node) {
        return files.isReady(node);
    }

    @Override
    public Connection connect(ClusterNode node, Duration timeout) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", users().superuser().username());
        properties.setProperty("password", users().superuser().password());
        properties.setProperty("ApplicationName", "local-cluster");
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("connectTimeout", Long.toString(timeout.toSeconds()));
        properties.setProperty("socketTimeout", Long.toString(timeout.toSeconds()));
        String url = "jdbc:postgresql://" + node.host() + ":" + node.port() + "/" + users().database();
        return DriverManager.getConnection(url, properties);
    }

    @Override
    public void createPrimary(ClusterNode node) throws IOException {
        files.createPrimary(node);
    }

    @Override
    public void createReplica(ClusterNode node, ClusterNode primary) throws IOException, SQLException {
        if (primary.isRunning()) {
            try (Connection connection = connect(primary, PATIENCE)) {
                files.copyRunning(primary, node, connection);
            }
        } else {
            files.copyStopped(primary, node);
        }
        files.makeStandby(node, upstream(node, primary));
        settings.account().give(node.data());
    }

    @Override
    public void attach(ClusterNode node, ClusterNode primary) {
        // Its configuration file has told it all.
    }

    @Override
    public void follow(ClusterNode node, ClusterNode primary) throws SQLException {
        try (Connection connection = connect(node, PATIENCE)) {
            Sql.execute(connection, "ALTER SYSTEM SET primary_conninfo = '" + upstream(node, primary) + "'");
            Sql.execute(connection, "SELECT pg_reload_conf()");
        }
    }

    @Override
    public boolean rejoin(ClusterNode node, ClusterNode primary) throws IOException, SQLException {
        files.makeStandby(node, upstream(node, primary));
        try {
            node.start();
        } catch (LocalClusterException refused) {
            if (hasDiverged(node)) {
                return false;
            }
            throw refused;
        }
        try (Connection primaryConnection = connect(primary, PATIENCE);
                Connection connection = connect(node, PATIENCE)) {
            String follows = "SELECT count(*) WHERE " + streamsFrom(primaryConnection);
            Deadline.in(PATIENCE).await(() -> Sql.isOne(connection, follows) || hasDiverged(node));
            return Sql.isOne(connection, follows);
        }
    }

    @Override
    public boolean hasParted(ClusterNode node, ClusterNode primary) throws SQLException {
        try (Connection primaryConnection = connect(primary, PATIENCE);
                Connection connection = connect(node, PATIENCE)) {
            String follows = "SELECT count(*) WHERE " + streamsFrom(primaryConnection);
            Deadline.in(PARTING_TIME).await(() -> Sql.isOne(connection, follows) || hasDiverged(node));
            return hasDiverged(node);
        }
    }

    /**
     * The condition under which a replica streams from this primary. Its old timeline the primary sends too, up to the fork, even
     * to a server that has gone another way there: so the present timeline is asked for.
     */
    private static String streamsFrom(Connection primary) throws SQLException {
        String timeline =
                Sql.value(primary, "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int");
        return "EXISTS (SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming' AND received_tli = " + timeline
                + ")";
    }

    /** Such a server starts, never streams from the new timeline, and serves rows that nobody else has; only its log tells. */
    private static boolean hasDiverged(ClusterNode node) {
        String log = node.logSinceStart();
        return DIVERGED.stream().anyMatch(log::contains);
    }

    @Override
    public boolean isPrimary(ClusterNode node, Duration timeout) throws SQLException {
        try (Connection connection = connect(node, timeout)) {
            return Sql.value(connection, "SELECT pg_is_in_recovery()").equals("f");
        }
    }

    @Override
    public void promote(ClusterNode node) throws SQLException {
        try (Connection connection = connect(node, PATIENCE)) {
            if (!Sql.value(connection, "SELECT pg_promote(true, 15)").equals("t")) {
                throw new LocalClusterException(
                        node.name() + " was not promoted within 15 s; its log ends with: " + node.logTail());
            }
        }
    }

    @Override
    public void noticePrimary(ClusterNode node) {
        // Its data directory has no standby.signal any more.
    }

    @Override
    public void pauseReplay(ClusterNode node) throws SQLException {
        try (Connection connection = connect(node, PATIENCE)) {
            Sql.execute(connection, "SELECT pg_wal_replay_pause()");
            // Until then it only has been asked for.
            if (!Deadline.in(PATIENCE)
                    .await(() -> Sql.isOne(
                            connection, "SELECT count(*) WHERE pg_get_wal_replay_pause_state() = 'paused'"))) {
                throw new LocalClusterException(
                        node.name() + " did not pause its replay within " + PATIENCE.toSeconds() + " s.");
            }
        }
    }

    @Override
    public void resumeReplay(ClusterNode node) throws SQLException {
        try (Connection connection = connect(node, PATIENCE)) {
            Sql.execute(connection, "SELECT pg_wal_replay_resume()");
        }
    }

    @Override
    public void synchronousStandbys(ClusterNode node, String names) throws IOException, SQLException {
        if (!node.isRunning() || node.isFrozen()) {
            files.configure(node, "synchronous_standby_names", names);
            node.reload();
            return;
        }
        try (Connection connection = connect(node, PATIENCE)) {
            Sql.execute(connection, "ALTER SYSTEM SET synchronous_standby_names = '" + names.replace("'", "''") + "'");
            Sql.execute(connection, "SELECT pg_reload_conf()");
            String query = "SHOW synchronous_standby_names";
            if (!Deadline.in(PATIENCE).await(() -> Sql.first(connection, query).equals(names))) {
                throw new LocalClusterException(
                        node.name() + " does not take synchronous_standby_names = '" + names + "': " + node.logTail());
            }
        }
    }

    @Override
    public void awaitReplay(ClusterNode primary, List<ClusterNode> replicas, Duration limit) throws SQLException {
        long target;
        String streams;
        try (Connection connection = connect(primary, PATIENCE)) {
            // The flush position would be too low for commits that did not wait for the flush.
            long inserted = Long.parseLong(Sql.value(connection, "SELECT pg_current_wal_insert_lsn() - '0/0'"));
            target = withoutPageHeader(inserted);
            streams = streamsFrom(connection);
        }
        // A replica that has gone another way can be beyond the target, too.
        String reached = "SELECT count(*) WHERE pg_last_wal_replay_lsn() - '0/0' >= " + target + " AND " + streams;
        Deadline deadline = Deadline.in(limit);
        for (ClusterNode replica : replicas) {
            try (Connection connection = connect(replica, PATIENCE)) {
                if (!deadline.await(() -> Sql.isOne(connection, reached))) {
                    throw new LocalClusterException(
                            "%s has replayed %s after %d ms, and not %s of %s: does it stream, is its replay paused? %s"
                                    .formatted(
                                            replica.name(),
                                            Sql.value(connection, "SELECT pg_last_wal_replay_lsn()"),
                                            limit.toMillis(),
                                            "%X/%X".formatted(target >>> 32, target & 0xFFFF_FFFFL),
                                            primary.name(),
                                            replica.logTail()));
                }
            }
        }
    }

    /** Right behind a page header, the insert position cannot be reached before something else is written. */
    private static long withoutPageHeader(long position) {
        if (position % SEGMENT == SEGMENT_HEADER) {
            return position - SEGMENT_HEADER;
        }
        return position % PAGE == PAGE_HEADER ? position - PAGE_HEADER : position;
    }

    private String upstream(ClusterNode node, ClusterNode primary) {
        Credentials replicator = users().replicator();
        return "host=%s port=%d user=%s password=%s application_name=%s sslmode=disable gssencmode=disable connect_timeout=2"
                .formatted(primary.host(), primary.port(), replicator.username(), replicator.password(), node.name());
    }

    @Override
    public void release(Path data) {
        PostgresqlFiles.release(data);
    }
}
