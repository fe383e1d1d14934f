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
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Commits that wait for a synchronous standby which does not answer: cancelled at the server, they would be acknowledged without it. */
class StuckCommitTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String INSERT = "INSERT INTO entry VALUES (1)";
    private static final String READ = "SELECT number FROM entry";
    private static final String WAITING = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

    private RoutingConnectionFactory factory;
    private SessionUser user;

    @BeforeAll
    static void createTable() {
        CLUSTER.cluster().execute("CREATE TABLE entry (number bigint)");
    }

    @BeforeEach
    void open() {
        CLUSTER.cluster().execute("TRUNCATE entry");
        CLUSTER.cluster().awaitReplication();
        RoutedStatements routed = new RoutedStatements();
        factory = routed.over(CLUSTER.cluster())
                .maxLag(Duration.ofMinutes(1))
                .catchUpTimeout(SessionUser.PATIENCE)
                .build();
        routed.awaitReplica(factory);
        user = new SessionUser(factory, Consistency.session());
        CLUSTER.cluster().synchronousStandbys("nobody");
    }

    @AfterEach
    void close() {
        CLUSTER.cluster().synchronousStandbys("");
        factory.close().block(LIMIT);
        await().atMost(LIMIT).until(() -> !isWaiting());
    }

    /** What commits. */
    private enum Commit {
        STATEMENT {
            @Override
            Flux<?> make(Connection connection) {
                return SessionUser.updated(connection, INSERT);
            }
        },
        BATCH {
            @Override
            Flux<?> make(Connection connection) {
                return Flux.defer(() -> connection.createBatch().add(INSERT).execute())
                        .concatMap(Result::getRowsUpdated);
            }
        },
        METHOD {
            @Override
            Flux<?> make(Connection connection) {
                return Flux.from(connection.beginTransaction())
                        .thenMany(SessionUser.updated(connection, INSERT))
                        .thenMany(connection.commitTransaction());
            }
        },
        TEXT {
            @Override
            Flux<?> make(Connection connection) {
                return Flux.from(connection.beginTransaction())
                        .thenMany(SessionUser.updated(connection, INSERT))
                        .thenMany(SessionUser.updated(connection, "COMMIT"));
            }
        };

        abstract Flux<?> make(Connection connection);
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotBeCancelledAtTheServerWhenTheirUserHasGone(Commit commit) throws IOException {
        Disposable writing = user.use(commit::make).subscribe();
        await().atMost(LIMIT).until(StuckCommitTests::isWaiting);
        int logged = log().size();
        writing.dispose();
        // The session goes on meanwhile; a cancelled read would have been cancelled at the server by the end of these.
        for (int i = 0; i < 10; i++) {
            assertThat(read().numbers()).isEmpty();
        }
        assertThat(isWaiting()).isTrue();
        CLUSTER.cluster().synchronousStandbys("");
        await().atMost(LIMIT).until(() -> !primary().query(READ).isEmpty());

        assertThat(read())
                .satisfies(seen -> assertThat(seen.numbers()).as("%s", seen).containsExactly(1L));
        List<String> since = log().subList(logged, log().size());
        assertThat(since).noneMatch(line -> line.contains("cancel"));
    }

    @Test
    void shouldBeWaitedForByReadsThatFollowFromThem() {
        CompletableFuture<Seen> reading = user.use(connection -> SessionUser.numbers(
                                connection,
                                "INSERT INTO entry SELECT 1 FROM generate_series(1, 2)"
                                        + " RETURNING number, repeat('x', 100000)")
                        .flatMap(number -> user.read(READ)))
                .next()
                .toFuture();
        await().atMost(LIMIT).until(StuckCommitTests::isWaiting);
        CLUSTER.cluster().synchronousStandbys("");

        assertThat(reading)
                .succeedsWithin(LIMIT)
                .satisfies(seen -> assertThat(seen.numbers()).as("%s", seen).hasSize(2));
    }

    /** It is then acknowledged with a warning, which the driver keeps to itself. */
    @ParameterizedTest
    @EnumSource(names = {"STATEMENT", "METHOD"})
    void shouldBeSeenByTheirSessionWhenAnOperatorHasCancelledThem(Commit commit) {
        CompletableFuture<?> writing = user.use(commit::make).then().toFuture();
        await().atMost(LIMIT).until(StuckCommitTests::isWaiting);
        primary().query("SELECT pg_cancel_backend(pid) " + WAITING);

        assertThat(writing).succeedsWithin(LIMIT);
        assertThat(read())
                .satisfies(seen -> assertThat(seen.numbers()).as("%s", seen).containsExactly(1L));
    }

    private Seen read() {
        return Objects.requireNonNull(user.read(READ).block(LIMIT));
    }

    private static boolean isWaiting() {
        return !primary().query("SELECT pid " + WAITING).isEmpty();
    }

    private static List<String> log() throws IOException {
        return Files.readAllLines(primary().log());
    }

    private static ClusterNode primary() {
        return CLUSTER.cluster().primary();
    }
}
