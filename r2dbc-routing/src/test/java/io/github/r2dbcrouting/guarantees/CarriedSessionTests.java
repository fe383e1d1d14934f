package io.github.r2dbcrouting.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.DatabaseClusters;
import io.github.r2dbcrouting.DatabaseKind;
import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.guarantees.SessionUser.Seen;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** Sessions that go on in another process, while no replica replays what they have written. */
class CarriedSessionTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String KEY = "neverprint-0123456789abcdef-0123456789";
    private static final String READ = "SELECT number FROM entry";

    private LocalCluster cluster;
    private RoutingConnectionFactory here;
    private RoutingConnectionFactory there;

    @BeforeAll
    static void createTables() {
        CLUSTERS.all().forEach(cluster -> cluster.execute("CREATE TABLE entry (number bigint)"));
        CLUSTERS.all().forEach(LocalCluster::awaitReplication);
    }

    @AfterEach
    void close() {
        if (cluster == CLUSTERS.of(DatabaseKind.POSTGRESQL)) {
            cluster.synchronousStandbys("");
        }
        here.close().then(there.close()).block(LIMIT);
        cluster.replicas().forEach(ClusterNode::resumeReplay);
        cluster.execute("DELETE FROM entry");
        cluster.awaitReplication();
    }

    @ParameterizedTest
    @EnumSource
    void shouldSeeThereWhatTheyWroteHere(DatabaseKind database) {
        open(database);
        ConsistencySession session = ConsistencySession.create();
        SessionUser user = new SessionUser(here, Consistency.session(), session);
        for (long round = 1; round <= 5; round++) {
            user.write("INSERT INTO entry VALUES (" + round + ")").block(LIMIT);
            Seen seen = read(there, here.tokens().export(session).block(LIMIT));
            assertThat(seen.numbers()).as("%s", seen).hasSize((int) round);
        }
    }

    /** What they have read on a replica, too, is not taken back. */
    @ParameterizedTest
    @EnumSource
    void shouldSeeThereWhatTheyHaveReadHere(DatabaseKind database) {
        open(database);
        cluster.replicas().get(0).resumeReplay();
        cluster.execute("INSERT INTO entry VALUES (1)");
        ConsistencySession session = ConsistencySession.create();
        SessionUser user = new SessionUser(here, Consistency.session(), session);
        await().atMost(LIMIT)
                .until(() -> !Objects.requireNonNull(user.read(READ).block(LIMIT))
                        .numbers()
                        .isEmpty());

        for (int round = 0; round < 10; round++) {
            Seen seen = read(there, here.tokens().export(session).block(LIMIT));
            assertThat(seen.numbers()).as("%s", seen).containsExactly(1L);
        }
    }

    /** The token was made before anybody could know its position. */
    @Test
    void shouldSeeThereWhatWasStillBeingCommittedWhenTheyLeft() {
        open(DatabaseKind.POSTGRESQL);
        cluster.synchronousStandbys("nobody");
        ConsistencySession session = ConsistencySession.create();
        SessionUser user = new SessionUser(here, Consistency.session(), session);
        CompletableFuture<String> token = new CompletableFuture<>();
        CompletableFuture<Long> writing = user.use(connection -> SessionUser.numbers(
                                connection,
                                "INSERT INTO entry SELECT 1 FROM generate_series(1, 2)"
                                        + " RETURNING number, repeat('x', 100000)")
                        .flatMap(number -> here.tokens().export(session).doOnNext(token::complete))
                        .then(Mono.<Long>empty()))
                .next()
                .toFuture();
        assertThat(token).succeedsWithin(LIMIT);
        assertThat(writing).isNotDone();
        cluster.synchronousStandbys("");
        assertThat(writing).succeedsWithin(LIMIT);

        Seen seen = read(there, token.join());
        assertThat(seen.numbers()).as("%s", seen).hasSize(2);
    }

    private void open(DatabaseKind database) {
        cluster = CLUSTERS.of(database);
        here = factory(database);
        there = factory(database);
        cluster.replicas().forEach(ClusterNode::pauseReplay);
    }

    private RoutingConnectionFactory factory(DatabaseKind database) {
        RoutedStatements routed = new RoutedStatements();
        RoutingConnectionFactory factory = routed.over(cluster, database.driver)
                .maxLag(Duration.ofMinutes(1))
                .catchUpTimeout(SessionUser.PATIENCE)
                .tokenKeys(KEY)
                .build();
        routed.awaitReplica(factory);
        return factory;
    }

    private static Seen read(RoutingConnectionFactory factory, String token) {
        SessionUser user =
                new SessionUser(factory, Consistency.session(), factory.tokens().accept(token));
        return Objects.requireNonNull(user.read(READ).block(LIMIT));
    }
}
