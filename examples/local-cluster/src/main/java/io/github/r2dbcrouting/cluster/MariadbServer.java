package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** MariaDB with replication by GTID. */
final class MariadbServer implements DatabaseServer {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration FIRST_CONTACT = Duration.ofSeconds(2);

    private final ServerSettings settings;
    private final MariadbFiles files;
    private final Set<ClusterNode> startReadOnly = ConcurrentHashMap.newKeySet();
    private final Map<ClusterNode, Integer> serverIds = new ConcurrentHashMap<>();
    private final AtomicInteger lastServerId = new AtomicInteger();

    MariadbServer(ServerSettings settings) {
        this.settings = settings;
        this.files = new MariadbFiles(settings);
    }

    @Override
    public ClusterUsers users() {
        return settings.users();
    }

    @Override
    public String stopSignal() {
        return "TERM";
    }

    @Override
    public String quitSignal() {
        return "KILL";
    }

    @Override
    public List<String> command(ClusterNode node) {
        int serverId = serverIds.computeIfAbsent(node, unknown -> lastServerId.incrementAndGet());
        return files.command(node, serverId, startReadOnly.contains(node));
    }

    @Override
    public boolean isReady(ClusterNode node) {
        try (Connection connection = connect(node, FIRST_CONTACT)) {
            return connection.isValid((int) FIRST_CONTACT.toSeconds());
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public Connection connect(ClusterNode node, Duration timeout) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", users().superuser().username());
        properties.setProperty("password", users().superuser().password());
        properties.setProperty("allowMultiQueries", "true");
        properties.setProperty("connectTimeout", Long.toString(timeout.toMillis()));
        properties.setProperty("socketTimeout", Long.toString(timeout.toMillis()));
        return DriverManager.getConnection(
                "jdbc:mariadb://" + node.host() + ":" + node.port() + "/" + users().database(), properties);
    }

    @Override
    public void createPrimary(ClusterNode node) throws IOException {
        files.createTemplate(node.log());
        files.copyTemplate(node);
    }

    /** Every node has all binary logs since the beginning, so an empty replica gets everything by replication. */
    @Override
    public void createReplica(ClusterNode node, ClusterNode primary) throws IOException {
        // What was written under its own server id, a replica leaves out: it takes it for something that it has
        // already.
        serverIds.remove(node);
        files.copyTemplate(node);
        startReadOnly.add(node);
    }

    @Override
    public void attach(ClusterNode node, ClusterNode primary) throws SQLException {
        follow(node, primary);
    }

    @Override
    public void follow(ClusterNode node, ClusterNode primary) throws SQLException {
        Credentials replicator = users().replicator();
        try (Connection connection = connect(node, PATIENCE)) {
            Sql.execute(connection, "STOP SLAVE");
            Sql.execute(connection, """
                    CHANGE MASTER TO MASTER_HOST='%s', MASTER_PORT=%d, MASTER_USER='%s', MASTER_PASSWORD='%s',
                        MASTER_USE_GTID=slave_pos, MASTER_SSL=0, MASTER_SSL_VERIFY_SERVER_CERT=0, MASTER_CONNECT_RETRY=1""".formatted(
                            primary.host(), primary.port(), replicator.username(), replicator.password()));
            Sql.execute(connection, "START SLAVE");
        }
    }

    @Override
    public boolean rejoin(ClusterNode node, ClusterNode primary) throws IOException, SQLException {
        files.forgetUpstream(node);
        startReadOnly.add(node);
        node.start();
        try (Connection connection = connect(node, PATIENCE);
                Connection primaryConnection = connect(primary, PATIENCE)) {
            String target = Sql.value(primaryConnection, "SELECT @@gtid_binlog_pos");
            String own = Sql.value(connection, "SELECT @@gtid_binlog_pos");
            if (MariadbPosition.parse(own).isNotOnTheWayTo(MariadbPosition.parse(target))) {
                return false;
            }
            // What a node wrote as a primary is in its binary log alone.
            Sql.execute(connection, "SET GLOBAL gtid_slave_pos = '" + own + "'");
            follow(node, primary);
            Deadline.in(PATIENCE).await(() -> hasReached(connection, target) || hasFailed(connection));
            return hasReached(connection, target) && !hasFailed(connection);
        }
    }

    private static boolean hasFailed(Connection connection) {
        Map<String, String> status =
                Attempt.toGet("ask for the replica's state", () -> Sql.row(connection, "SHOW SLAVE STATUS"));
        return !"0".equals(status.get("Last_IO_Errno")) && "No".equals(status.get("Slave_IO_Running"))
                || !"0".equals(status.get("Last_SQL_Errno"));
    }

    @Override
    public boolean isPrimary(ClusterNode node, Duration timeout) throws SQLException {
        try (Connection connection = connect(node, timeout)) {
            return Sql.value(connection, "SELECT @@read_only").equals("0");
        }
    }

    @Override
    public void promote(ClusterNode node) throws SQLException {
        try (Connection connection = connect(node, PATIENCE)) {
            // What was received and not yet replayed would be thrown away; also if the receiver were stopped first.
            Sql.execute(connection, "START SLAVE SQL_THREAD");
            String received = Sql.row(connection, "SHOW SLAVE STATUS").getOrDefault("Gtid_IO_Pos", "");
            await(connection, node, received, PATIENCE);
            Sql.execute(connection, "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0");
        }
        noticePrimary(node);
    }

    @Override
    public void noticePrimary(ClusterNode node) {
        startReadOnly.remove(node);
    }

    @Override
    public void pauseReplay(ClusterNode node) throws SQLException {
        try (Connection connection = connect(node, PATIENCE)) {
            Sql.execute(connection, "STOP SLAVE SQL_THREAD");
        }
    }

    @Override
    public void resumeReplay(ClusterNode node) throws SQLException {
        try (Connection connection = connect(node, PATIENCE)) {
            Sql.execute(connection, "START SLAVE SQL_THREAD");
        }
    }

    @Override
    public void synchronousStandbys(ClusterNode node, String names) {
        throw new LocalClusterException(
                "MariaDB cannot name the replicas that a commit waits for; "
                        + "for any one of them set rpl_semi_sync_master_enabled and rpl_semi_sync_slave_enabled on the builder.");
    }

    @Override
    public void awaitReplay(ClusterNode primary, List<ClusterNode> replicas, Duration limit) throws SQLException {
        try (Connection primaryConnection = connect(primary, PATIENCE)) {
            String target = Sql.value(primaryConnection, "SELECT @@gtid_binlog_pos");
            for (ClusterNode replica : replicas) {
                try (Connection connection = connect(replica, PATIENCE)) {
                    await(connection, replica, target, limit);
                    String own = Sql.value(connection, "SELECT @@gtid_slave_pos");
                    String now = Sql.value(primaryConnection, "SELECT @@gtid_binlog_pos");
                    if (MariadbPosition.parse(own).isNotOnTheWayTo(MariadbPosition.parse(now))) {
                        throw new LocalClusterException("%s has gone another way: it is at %s, %s at %s."
                                .formatted(replica.name(), own, primary.name(), now));
                    }
                }
            }
        }
    }

    private static void await(Connection connection, ClusterNode replica, String position, Duration limit)
            throws SQLException {
        if (!Deadline.in(limit).await(() -> hasReached(connection, position))) {
            Map<String, String> status = Sql.row(connection, "SHOW SLAVE STATUS");
            throw new LocalClusterException(
                    "%s has replayed %s after %d ms, and not %s: does it replicate, is its replay paused? %s %s"
                            .formatted(
                                    replica.name(),
                                    Sql.value(connection, "SELECT @@gtid_slave_pos"),
                                    limit.toMillis(),
                                    position,
                                    status.getOrDefault("Last_IO_Error", ""),
                                    status.getOrDefault("Last_SQL_Error", "")));
        }
    }

    /** Not by MASTER_GTID_WAIT, which looks at the number alone and so takes another server's transaction for this one. */
    private static boolean hasReached(Connection connection, String position) {
        MariadbPosition own = MariadbPosition.parse(Sql.first(connection, "SELECT @@gtid_slave_pos"));
        return own.hasReached(MariadbPosition.parse(position));
    }

    @Override
    public void release(Path data) {
        // A killed MariaDB leaves nothing outside its directory.
    }
}
