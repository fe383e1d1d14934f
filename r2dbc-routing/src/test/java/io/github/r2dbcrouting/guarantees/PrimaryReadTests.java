package io.github.r2dbcrouting.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.DatabaseClusters;
import io.github.r2dbcrouting.DatabaseKind;
import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.guarantees.SessionUser.Seen;
import io.github.r2dbcrouting.selection.RouteDecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads on the primary: what they may have written without being seen to, and what strong ones show of the writes of others. */
class PrimaryReadTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String READ = "SELECT number FROM entry";

    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTables() {
        CLUSTERS.all().forEach(cluster -> cluster.execute("CREATE TABLE entry (number bigint)"));
        // A function that must not write itself may call one that does.
        CLUSTERS.of(DatabaseKind.POSTGRESQL)
                .execute("CREATE FUNCTION note(n bigint) RETURNS bigint VOLATILE LANGUAGE sql AS"
                        + " $$INSERT INTO entry VALUES (n) RETURNING number$$;"
                        + " CREATE FUNCTION look(n bigint) RETURNS bigint STABLE LANGUAGE plpgsql AS"
                        + " $$BEGIN RETURN note(n); END$$");
        // Nobody holds a function to what it says of itself.
        CLUSTERS.of(DatabaseKind.MARIADB).execute("SET GLOBAL log_bin_trust_function_creators = 1");
        CLUSTERS.of(DatabaseKind.MARIADB)
                .execute("CREATE FUNCTION look(n bigint) RETURNS bigint READS SQL DATA"
                        + " BEGIN INSERT INTO entry VALUES (n); RETURN n; END");
        CLUSTERS.all().forEach(LocalCluster::awaitReplication);
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
        cluster.replicas().forEach(ClusterNode::resumeReplay);
        cluster.execute("DELETE FROM entry");
        cluster.awaitReplication();
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowWhatAReadHasWritten(DatabaseKind database) {
        open(database);
        SessionUser user = new SessionUser(factory, Consistency.readYourWrites());
        await().atMost(LIMIT).until(() -> factory.explain("SELECT look(1)"), decision -> isForReplica(decision));

        user.use(connection -> SessionUser.numbers(connection, "SELECT look(1)"))
                .contextWrite(Routing.primary())
                .blockLast(LIMIT);
        Seen seen = Objects.requireNonNull(user.read(READ).block(LIMIT));

        assertThat(seen.numbers()).as("%s", seen).containsExactly(1L);
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowAStrongReadWhatAnybodyHasCommittedBefore(DatabaseKind database) {
        open(database);
        List<Seen> missed = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            cluster.execute("INSERT INTO entry VALUES (" + round + ")");
            SessionUser anybody = new SessionUser(factory, Consistency.strong());
            Seen seen = Objects.requireNonNull(
                    anybody.read(READ + " WHERE number = " + round).block(LIMIT));
            if (seen.numbers().isEmpty()) {
                missed.add(seen);
            }
        }
        assertThat(missed).isEmpty();
    }

    private void open(DatabaseKind database) {
        cluster = CLUSTERS.of(database);
        RoutedStatements routed = new RoutedStatements();
        factory = routed.over(cluster, database.driver)
                .maxLag(Duration.ofMinutes(1))
                .catchUpTimeout(SessionUser.PATIENCE)
                .build();
        routed.awaitReplica(factory);
        cluster.replicas().forEach(ClusterNode::pauseReplay);
    }

    private static boolean isForReplica(RouteDecision decision) {
        return decision.node() != null
                && !decision.node().equals(decision.topology().primary());
    }
}
