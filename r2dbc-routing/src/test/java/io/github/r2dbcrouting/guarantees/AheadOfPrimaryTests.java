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
import io.github.r2dbcrouting.guarantees.SessionUser.Seen;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;

/** A commit is shipped before it is visible where it was made: while it waits for a standby, a replica is ahead of its primary. */
class AheadOfPrimaryTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String READ = "SELECT number FROM entry";
    private static final int READS = 30;

    private LocalCluster cluster;
    private RoutingConnectionFactory factory;
    private DatabaseKind kind;
    private CompletableFuture<Long> writing;

    @BeforeAll
    static void createTables() {
        CLUSTERS.all().forEach(cluster -> cluster.execute("CREATE TABLE entry (number bigint)"));
    }

    @AfterEach
    void close() {
        letCommitsGo();
        assertThat(writing).succeedsWithin(LIMIT);
        factory.close().block(LIMIT);
        cluster.heal();
        cluster.execute("DELETE FROM entry");
        cluster.awaitReplication();
    }

    @ParameterizedTest
    @EnumSource
    void shouldGoOnReadingWhereItHasSeenWhatThePrimaryDoesNotShowYet(DatabaseKind database) {
        SessionUser user = userWhoHasSeenMoreThanThePrimaryShows(database);

        assertThat(reads(user)).filteredOn(seen -> !seen.numbers().contains(1L)).isEmpty();
        awaitSampleOfThePrimary();
        assertThat(reads(user)).filteredOn(seen -> !seen.numbers().contains(1L)).isEmpty();
    }

    /** Its own write tells nothing of what it has seen before. */
    @ParameterizedTest
    @EnumSource
    void shouldGoOnReadingThereWhileAWriteOfItsOwnIsUnderWay(DatabaseKind database) {
        SessionUser user = userWhoHasSeenMoreThanThePrimaryShows(database);

        CompletableFuture<Long> own = user.write("INSERT INTO entry VALUES (2)").toFuture();
        List<Seen> during = reads(user);
        assertThat(own).isNotDone();
        letCommitsGo();
        assertThat(own).succeedsWithin(LIMIT);
        assertThat(during).filteredOn(seen -> !seen.numbers().contains(1L)).isEmpty();
    }

    /** Only there it would have to show less than before, which is told. */
    @ParameterizedTest
    @EnumSource
    void shouldSayThatItReadOnThePrimaryWhenTheReplicaThatShowsMoreIsGone(DatabaseKind database) {
        SessionUser user = userWhoHasSeenMoreThanThePrimaryShows(database);
        assertThat(factory.catchUps().weakened()).isZero();

        cluster.replicas().get(0).kill();
        await().atMost(LIMIT)
                .until(
                        () -> user.read(READ).block(LIMIT),
                        seen -> seen.node().equals(cluster.primary().name()));

        assertThat(factory.catchUps().weakened()).isPositive();
    }

    private SessionUser userWhoHasSeenMoreThanThePrimaryShows(DatabaseKind database) {
        kind = database;
        cluster = CLUSTERS.of(database);
        factory = new RoutedStatements()
                .over(cluster, database.driver)
                .maxLag(Duration.ofMinutes(1))
                .catchUpTimeout(SessionUser.PATIENCE)
                .build();
        SessionUser stranger = new SessionUser(factory, Consistency.eventual());
        stranger.read(READ).block(LIMIT);
        ClusterNode ahead = cluster.replicas().get(0);
        cluster.replicas().get(1).pauseReplay();
        holdCommits();
        writing = stranger.write("INSERT INTO entry VALUES (1)").toFuture();
        await().atMost(LIMIT).until(() -> !ahead.query(READ).isEmpty());
        SessionUser user = new SessionUser(factory, Consistency.session());
        await().atMost(LIMIT)
                .until(() -> !Objects.requireNonNull(user.read(READ).block(LIMIT))
                        .numbers()
                        .isEmpty());
        assertThat(cluster.primary().query(READ)).isEmpty();
        return user;
    }

    /** Commits are shipped from now on, but not made visible. */
    private void holdCommits() {
        if (kind == DatabaseKind.POSTGRESQL) {
            cluster.synchronousStandbys("nobody");
        } else {
            cluster.execute("SET GLOBAL rpl_semi_sync_master_timeout = 60000,"
                    + " rpl_semi_sync_master_wait_point = AFTER_SYNC, rpl_semi_sync_master_enabled = 1");
        }
    }

    private void letCommitsGo() {
        if (kind == DatabaseKind.POSTGRESQL) {
            cluster.synchronousStandbys("");
        } else {
            cluster.execute("SET GLOBAL rpl_semi_sync_master_enabled = 0");
        }
    }

    private static List<Seen> reads(SessionUser user) {
        return Objects.requireNonNull(Flux.range(0, READS)
                .concatMap(i -> user.read(READ))
                .collectList()
                .block(LIMIT));
    }

    /** What was read is known as a position from then on. */
    private void awaitSampleOfThePrimary() {
        long now = sampledAt();
        await().atMost(LIMIT).until(() -> sampledAt() > now);
        long later = sampledAt();
        await().atMost(LIMIT).until(() -> sampledAt() > later);
    }

    private long sampledAt() {
        NodeState primary = Objects.requireNonNull(factory.currentTopology().primary());
        return Objects.requireNonNull(primary.replication()).sampledAt();
    }
}
