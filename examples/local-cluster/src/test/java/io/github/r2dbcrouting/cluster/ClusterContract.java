package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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

/** What every kind of cluster can do. */
@Timeout(120)
abstract class ClusterContract {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final LocalCluster cluster;

    ClusterContract(LocalCluster cluster) {
        this.cluster = cluster;
    }

    /** The JDBC URL of a port, and what a connection needs beside user and password. */
    abstract String url(int port, Properties properties, Duration timeout);

    /** What makes a replica a primary without telling the cluster. */
    abstract String promotion();

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
    void shouldKnowWhoIsPrimary() {
        assertThat(cluster.primary().isPrimary()).isTrue();
        assertThat(cluster.replicas()).noneMatch(ClusterNode::isPrimary);
        assertThat(cluster.findPrimary()).isSameAs(cluster.primary());
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
    void shouldPromoteAReplicaThatHasNotReplayedEverythingItReceived() {
        ClusterNode replica = replica();
        replica.pauseReplay();
        insert(cluster.primary(), 1);
        await().atMost(SOON).until(() -> hasReceivedEverything(replica));
        cluster.primary().kill();
        cluster.promote(replica);
        assertItems(replica, 1);
    }

    abstract boolean hasReceivedEverything(ClusterNode replica);

    @Test
    void shouldReplaceAKilledPrimary() {
        ClusterNode old = cluster.primary();
        ClusterNode replica = replica();
        insert(old, 1);
        cluster.awaitReplication();
        old.kill();
        cluster.promote(replica);
        assertThat(cluster.primary()).isSameAs(replica);
        insert(replica, 2);
        cluster.awaitReplication();
        cluster.rejoin(old);
        cluster.awaitReplication();
        assertThat(cluster.replicas())
                .hasSize(2)
                .contains(old)
                .noneMatch(ClusterNode::isPrimary)
                .allSatisfy(node -> assertItems(node, 1, 2));
    }

    @Test
    void shouldSwitchOverInOrderAndKeepTheOldPrimarysData() {
        ClusterNode old = cluster.primary();
        insert(old, 1);
        cluster.awaitReplication();
        old.stop();
        cluster.promote(replica());
        cluster.rejoin(old);
        insert(cluster.primary(), 2);
        cluster.awaitReplication();
        assertItems(old, 1, 2);
    }

    @Test
    void shouldLetBothWriteAfterAPromotionBesideALivingPrimary() {
        ClusterNode old = cluster.primary();
        cluster.promote(replica());
        insert(old, 1);
        insert(cluster.primary(), 2);
        assertThat(old.isPrimary()).isTrue();
        assertThatThrownBy(cluster::findPrimary)
                .isInstanceOf(LocalClusterException.class)
                .hasMessageContaining(old.name());
    }

    @Test
    void shouldMakeANewCopyOfAPrimaryThatWentAnotherWay() {
        ClusterNode old = cluster.primary();
        cluster.promote(replica());
        insert(old, 99);
        insert(cluster.primary(), 1);
        cluster.rejoin(old);
        cluster.awaitReplication();
        assertItems(old, 1);
    }

    @Test
    void shouldMakeANewCopyOfAPrimaryThatWentAnotherWayAndIsBehind() {
        ClusterNode old = cluster.primary();
        cluster.promote(replica());
        insert(old, 99);
        old.kill();
        for (int id = 1; id <= 5; id++) {
            insert(cluster.primary(), id);
        }
        cluster.rejoin(old);
        cluster.awaitReplication();
        assertItems(old, 1, 2, 3, 4, 5);
    }

    @Test
    void shouldChangeThePrimaryAgainAndAgain() {
        for (int id = 1; id <= 3; id++) {
            ClusterNode old = cluster.primary();
            old.kill();
            cluster.promote(replica());
            insert(cluster.primary(), id);
            cluster.rejoin(old);
            cluster.awaitReplication();
        }
        assertThat(cluster.nodes()).allSatisfy(node -> assertItems(node, 1, 2, 3));
    }

    @Test
    void shouldNoticeAPromotionBySomebodyElse() {
        ClusterNode replica = replica();
        cluster.primary().kill();
        replica.execute(promotion());
        assertThat(cluster.findPrimary()).isSameAs(replica);
        assertThat(cluster.primary()).isSameAs(replica);
        replica.restart();
        assertThat(replica.isPrimary()).isTrue();
    }

    @Test
    void shouldAddAReplicaWhileThePrimaryIsWrittenToAndRemoveIt() {
        insert(cluster.primary(), 1);
        ClusterNode added = cluster.addReplica();
        insert(cluster.primary(), 2);
        cluster.awaitReplication();
        assertItems(added, 1, 2);
        assertThat(cluster.node(added.name())).isSameAs(added);
        assertThat(cluster.hostList()).contains(":" + added.port());
        cluster.remove(added);
        assertThat(cluster.nodes()).hasSize(3).doesNotContain(added);
        assertThat(added.isRunning()).isFalse();
        assertThat(added.directory()).doesNotExist();
    }

    @Test
    void shouldNotRemoveOrRejoinThePrimary() {
        assertThatThrownBy(() -> cluster.remove(cluster.primary())).isInstanceOf(LocalClusterException.class);
        assertThatThrownBy(() -> cluster.rejoin(cluster.primary())).isInstanceOf(LocalClusterException.class);
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
    void shouldHealEverything() {
        ClusterNode old = cluster.primary();
        List<ClusterNode> replicas = cluster.replicas();
        old.proxy().refuse();
        cluster.promote(replicas.get(0));
        insert(old, 99);
        insert(cluster.primary(), 1);
        old.freeze();
        replicas.get(1).kill();
        cluster.heal();
        assertThat(cluster.nodes()).hasSize(3).allSatisfy(node -> assertItems(node, 1));
        assertThat(cluster.findPrimary()).isSameAs(replicas.get(0));
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
