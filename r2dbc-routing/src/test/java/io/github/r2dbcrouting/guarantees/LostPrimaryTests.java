package io.github.r2dbcrouting.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.guarantees.SessionUser.Seen;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Writes that were acknowledged by a primary which is then lost, before anybody asked how far it was. */
class LostPrimaryTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String READ = "SELECT number FROM entry";

    private RoutingConnectionFactory factory;
    private SessionUser user;

    @BeforeAll
    static void createTable() {
        CLUSTER.cluster().execute("CREATE TABLE entry (number bigint)");
    }

    @BeforeEach
    void open() {
        CLUSTER.cluster().heal();
        CLUSTER.cluster().execute("TRUNCATE entry");
        CLUSTER.cluster().awaitReplication();
        RoutedStatements routed = new RoutedStatements();
        factory = routed.over(CLUSTER.cluster())
                .maxLag(Duration.ofMinutes(1))
                .catchUpTimeout(SessionUser.PATIENCE)
                .build();
        routed.awaitReplica(factory);
        user = new SessionUser(factory, Consistency.session());
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @Test
    void shouldGoOnWithTheNewPrimaryWhenAWriteIsLostWhosePositionNobodyHadAsked() {
        ClusterNode old = CLUSTER.cluster().primary();
        ClusterNode heir = CLUSTER.cluster().replicas().get(0);
        // From now on it receives nothing.
        heir.execute("ALTER SYSTEM SET primary_conninfo = ''");
        heir.query("SELECT pg_reload_conf()");
        await().atMost(LIMIT)
                .until(() -> heir.query("SELECT pid FROM pg_stat_wal_receiver").isEmpty());
        user.write("INSERT INTO entry VALUES (1)").block(LIMIT);
        old.kill();
        CLUSTER.cluster().promote(heir);
        awaitPrimary(heir);

        Seen seen = Objects.requireNonNull(user.read(READ).block(LIMIT));
        assertThat(seen.numbers()).isEmpty();
        user.write("INSERT INTO entry VALUES (2)").block(LIMIT);
        assertThat(Objects.requireNonNull(user.read(READ).block(LIMIT)).numbers())
                .containsExactly(2L);
    }

    private void awaitPrimary(ClusterNode node) {
        await().atMost(LIMIT).until(() -> {
            NodeState primary = factory.currentTopology().primary();
            return primary != null && primary.id().name().equals(node.name());
        });
    }
}
