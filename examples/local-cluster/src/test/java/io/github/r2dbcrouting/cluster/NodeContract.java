package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the nodes of every kind of cluster can do. */
@Timeout(120)
abstract class NodeContract {

    static final Duration SOON = Duration.ofSeconds(20);

    private final LocalCluster cluster;

    NodeContract(LocalCluster cluster) {
        this.cluster = cluster;
    }

    /** The JDBC URL of a port, and what a connection needs beside user and password. */
    abstract String url(int port, Properties properties, Duration timeout);

    @BeforeEach
    void createTable() {
        cluster.execute("CREATE TABLE item (id int PRIMARY KEY)");
        cluster.awaitReplication();
    }

    @AfterEach
    void heal() {
        cluster.heal();
        cluster.execute("DROP TABLE item");
    }

    @Test
    void shouldReplicateWhatIsWritten() {
        insert(cluster.primary(), 1);
        cluster.awaitReplication();
        assertThat(cluster.replicas()).hasSize(2).allSatisfy(replica -> assertItems(replica, 1));
    }

    @Test
    void shouldLetTheApplicationWriteWhatTheSuperuserCreated() throws SQLException {
        try (Connection connection = connect(cluster.primary().port(), SOON)) {
            run(connection, "INSERT INTO item VALUES (7)");
            run(connection, "CREATE TABLE own (id int)");
            run(connection, "DROP TABLE own");
        }
        assertItems(cluster.primary(), 7);
    }

    @Test
    void shouldRefuseTheApplicationsWritesOnAReplica() throws SQLException {
        try (Connection connection = connect(replica().port(), SOON)) {
            assertThatThrownBy(() -> run(connection, "INSERT INTO item VALUES (1)"))
                    .hasMessageContaining("read");
        }
    }

    @Test
    void shouldCatchUpAfterAKill() {
        ClusterNode replica = replica();
        replica.kill();
        assertThat(replica.isRunning()).isFalse();
        assertThatThrownBy(() -> connect(replica.port(), SOON)).isInstanceOf(SQLException.class);
        insert(cluster.primary(), 1);
        replica.start();
        cluster.awaitReplication();
        assertItems(replica, 1);
    }

    @Test
    void shouldKeepWhatThePrimaryCommittedBeforeAKill() {
        insert(cluster.primary(), 1);
        cluster.primary().kill();
        cluster.primary().start();
        assertItems(cluster.primary(), 1);
    }

    @Test
    void shouldRestartOnTheSamePort() {
        ClusterNode replica = replica();
        int port = replica.port();
        long pid = replica.pid();
        replica.restart();
        assertThat(replica.port()).isEqualTo(port);
        assertThat(replica.pid()).isNotEqualTo(pid);
        insert(cluster.primary(), 1);
        cluster.awaitReplication();
        assertItems(replica, 1);
    }

    @Test
    void shouldStopAndStartThePrimary() {
        cluster.primary().stop();
        assertThat(cluster.primary().isRunning()).isFalse();
        cluster.primary().start();
        insert(cluster.primary(), 1);
        cluster.awaitReplication();
        assertThat(cluster.replicas()).allSatisfy(replica -> assertItems(replica, 1));
    }

    @Test
    void shouldNeitherAnswerOldNorNewConnectionsWhileFrozen() throws SQLException {
        ClusterNode replica = replica();
        try (Connection old = connect(replica.port(), Duration.ofSeconds(1))) {
            run(old, "SELECT 1");
            replica.freeze();
            assertThat(replica.isFrozen()).isTrue();
            assertThat(replica.isRunning()).isTrue();
            assertThatThrownBy(() -> run(old, "SELECT 1")).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> connect(replica.port(), Duration.ofSeconds(1)))
                    .isInstanceOf(SQLException.class);
        }
        replica.thaw();
        assertThat(replica.isFrozen()).isFalse();
        insert(cluster.primary(), 1);
        cluster.awaitReplication();
        assertItems(replica, 1);
    }

    @Test
    void shouldKillAndStopAFrozenNode() {
        List<ClusterNode> replicas = cluster.replicas();
        replicas.forEach(ClusterNode::freeze);
        replicas.get(0).kill();
        replicas.get(1).stop();
        assertThat(replicas).noneMatch(ClusterNode::isRunning).noneMatch(ClusterNode::isFrozen);
    }

    @Test
    void shouldHoldBackTheReplayWhilePaused() {
        ClusterNode replica = replica();
        replica.pauseReplay();
        insert(cluster.primary(), 1);
        assertThatThrownBy(() -> cluster.awaitReplication(Duration.ofMillis(300)))
                .isInstanceOf(LocalClusterException.class)
                .hasMessageContaining(replica.name() + " has replayed");
        assertItems(replica);
        replica.resumeReplay();
        cluster.awaitReplication();
        assertItems(replica, 1);
    }

    @Test
    void shouldNameTheNodesThatThereAreIfOneIsNot() {
        assertThatThrownBy(() -> cluster.node("node77"))
                .isInstanceOf(LocalClusterException.class)
                .hasMessageContaining("node77")
                .hasMessageContaining("node1@127.0.0.1:");
    }

    @Test
    void shouldBreakConnectionsThroughTheProxyAndNotTheOthers() throws SQLException {
        ClusterNode primary = cluster.primary();
        TcpProxy proxy = primary.proxy();
        assertThat(primary.proxy()).isSameAs(proxy);
        try (Connection direct = connect(primary.port(), SOON);
                Connection proxied = connect(proxy.port(), SOON)) {
            run(proxied, "INSERT INTO item VALUES (1)");
            proxy.reset();
            assertThatThrownBy(() -> run(proxied, "INSERT INTO item VALUES (2)"))
                    .isInstanceOf(SQLException.class);
            run(direct, "INSERT INTO item VALUES (3)");
        }
        assertItems(primary, 1, 3);
    }

    @Test
    void shouldShowNoPassword() {
        assertThat(cluster + " " + cluster.nodes() + " " + Credentials.generate("app", new SecureRandom()))
                .doesNotContain(cluster.password())
                .endsWith("app:<hidden>");
    }

    final LocalCluster cluster() {
        return cluster;
    }

    final ClusterNode replica() {
        return cluster.replicas().get(0);
    }

    final Connection connect(int port, Duration timeout) throws SQLException {
        return connect(port, timeout, cluster.username(), cluster.password());
    }

    final Connection connectAsMonitor(int port) throws SQLException {
        return connect(port, SOON, cluster.monitorUsername(), cluster.monitorPassword());
    }

    private Connection connect(int port, Duration timeout, String username, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", username);
        properties.setProperty("password", password);
        return DriverManager.getConnection(url(port, properties, timeout), properties);
    }

    static void insert(ClusterNode node, int id) {
        node.execute("INSERT INTO item VALUES (" + id + ")");
    }

    static void assertItems(ClusterNode node, Integer... ids) {
        assertThat(node.query("SELECT id FROM item ORDER BY id"))
                .extracting(row -> Integer.valueOf(row.get(0)))
                .containsExactly(ids);
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet rows = statement.getResultSet()) {
                    rows.next();
                }
            }
        }
    }
}
