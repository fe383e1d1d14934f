package io.github.r2dbcrouting.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.DatabaseClusters;
import io.github.r2dbcrouting.DatabaseKind;
import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.guarantees.SessionUser.Seen;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Writes whose commit takes its time after their rows have come, or after nobody waits for it any more. */
class UnsettledWriteTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** How long a commit takes, in milliseconds: much longer than a read waits for a replica. */
    private static final int COMMIT_TIME = 400;

    private static final String INSERT = "INSERT INTO slow VALUES (1, 'a')";
    private static final String READ = "SELECT number FROM slow";

    private DatabaseKind kind;
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;
    private SessionUser user;

    @BeforeAll
    static void createTables() {
        CLUSTERS.all().forEach(cluster -> cluster.execute("CREATE TABLE slow (number bigint, text text)"));
        CLUSTERS.of(DatabaseKind.POSTGRESQL)
                .execute("CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
                        + " IF NEW.number = 1 THEN PERFORM pg_sleep(" + COMMIT_TIME / 1000.0 + "); END IF;"
                        + " RETURN NULL; END$$;"
                        + " CREATE CONSTRAINT TRIGGER pause AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION pause()");
    }

    @AfterEach
    void close() {
        if (kind == DatabaseKind.MARIADB) {
            cluster.execute("SET GLOBAL rpl_semi_sync_master_enabled = 0");
        }
        factory.close().block(LIMIT);
        // What was cancelled goes on at the server.
        await().atMost(LIMIT).until(() -> !isCommitting());
        cluster.replicas().forEach(ClusterNode::resumeReplay);
        cluster.execute("DELETE FROM slow");
        cluster.awaitReplication();
    }

    /** How rows come before their commit: they fill the server's buffer, or are asked for one by one. */
    private enum Sending {
        LARGE_ROWS {
            @Override
            Flux<Long> insert(Connection connection) {
                return SessionUser.numbers(
                        connection,
                        "INSERT INTO slow VALUES (1, 'a'), (2, 'b') RETURNING number, repeat('x', 100000) AS text");
            }
        },
        ONE_BY_ONE {
            @Override
            Flux<Long> insert(Connection connection) {
                return Flux.defer(() -> connection
                                .createStatement("INSERT INTO slow VALUES ($1, 'a'), (2, 'b') RETURNING number")
                                .bind("$1", 1L)
                                .fetchSize(1)
                                .execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0, Long.class)));
            }
        };

        abstract Flux<Long> insert(Connection connection);
    }

    static Stream<Arguments> sendings() {
        return Stream.of(
                Arguments.of(DatabaseKind.POSTGRESQL, Sending.LARGE_ROWS),
                Arguments.of(DatabaseKind.POSTGRESQL, Sending.ONE_BY_ONE),
                // Which asks for rows one by one only where they are selected.
                Arguments.of(DatabaseKind.MARIADB, Sending.LARGE_ROWS));
    }

    @ParameterizedTest
    @MethodSource("sendings")
    void shouldShowAWriteWhoseRowsCameBeforeItsCommit(DatabaseKind database, Sending sending) {
        open(database);
        List<List<String>> committed = new ArrayList<>();

        List<Seen> seen = user.use(connection -> sending.insert(connection)
                        .flatMap(number -> Mono.<List<List<String>>>fromCallable(
                                        () -> number == 1 ? primary().query(READ) : List.of())
                                .subscribeOn(Schedulers.boundedElastic())
                                .doOnNext(committed::addAll)
                                .then(user.read(READ))))
                .collectList()
                .block(LIMIT);

        assertThat(committed).as("visible when its row came").isEmpty();
        assertThat(seen)
                .hasSize(2)
                .filteredOn(each -> each.numbers().size() != 2)
                .isEmpty();
    }

    /** As a repository does: the connection is given back, and then somebody else in the chain reads. */
    @ParameterizedTest
    @MethodSource("sendings")
    void shouldShowAWriteWhoseConnectionWasGivenBackBeforeItsCommit(DatabaseKind database, Sending sending) {
        open(database);

        Seen seen = user.use(sending::insert)
                .next()
                .flatMap(number -> user.read(READ))
                .block(LIMIT);

        assertThat(seen).isNotNull();
        assertThat(seen.numbers()).as("%s", seen).hasSize(2);
    }

    /** It is committed only once its second row was asked for, and that only when the read of the first has ended. */
    @Test
    void shouldNotWaitForEverForAWriteThatItsOwnReadHoldsUp() {
        open(DatabaseKind.POSTGRESQL);

        List<Seen> seen = user.use(
                        connection -> Sending.ONE_BY_ONE.insert(connection).concatMap(number -> user.read(READ), 1))
                .collectList()
                .block(LIMIT);

        assertThat(seen).hasSize(2);
        assertThat(Objects.requireNonNull(user.read(READ).block(LIMIT)).numbers())
                .hasSize(2);
    }

    /** The position of the primary from before the commit would be one that the replicas have covered. */
    @ParameterizedTest
    @EnumSource
    void shouldShowAWriteThatWasCommittedAfterItsUserHadCancelledIt(DatabaseKind database) {
        open(database);
        Disposable writing = user.write(INSERT).subscribe();
        await().atMost(LIMIT).until(this::isCommitting);
        writing.dispose();
        List<Seen> before = new ArrayList<>();
        while (primary().query(READ).isEmpty()) {
            before.add(user.read(READ).block(LIMIT));
        }
        List<Seen> after = Objects.requireNonNull(
                Flux.range(0, 20).concatMap(i -> user.read(READ)).collectList().block(LIMIT));

        assertThat(before).isNotEmpty();
        assertThat(after)
                .filteredOn(seen -> !seen.numbers().equals(List.of(1L)))
                .isEmpty();
        cluster.replicas().forEach(ClusterNode::resumeReplay);
        await().atMost(LIMIT)
                .until(
                        () -> user.read(READ).block(LIMIT),
                        seen -> !seen.node().equals(primary().name()));
    }

    /** Nobody has replayed what is written from now on, and commits take their time. */
    private void open(DatabaseKind database) {
        kind = database;
        cluster = CLUSTERS.of(database);
        RoutedStatements routed = new RoutedStatements();
        factory = routed.over(cluster, database.driver)
                .maxLag(Duration.ofMinutes(1))
                .catchUpTimeout(SessionUser.PATIENCE)
                // So long a read waits for the end of a write.
                .option(RoutingOptions.ACQUIRE_TIMEOUT, Duration.ofSeconds(2))
                .build();
        routed.awaitReplica(factory);
        user = new SessionUser(factory, Consistency.session());
        cluster.replicas().forEach(ClusterNode::pauseReplay);
        if (kind == DatabaseKind.MARIADB) {
            cluster.execute("SET GLOBAL rpl_semi_sync_master_timeout = " + COMMIT_TIME
                    + ", rpl_semi_sync_master_wait_point = AFTER_SYNC, rpl_semi_sync_master_enabled = 1");
        }
    }

    private boolean isCommitting() {
        return !primary()
                .query(
                        kind == DatabaseKind.POSTGRESQL
                                ? "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                                : "SELECT 1 FROM information_schema.processlist WHERE state LIKE '%semi-sync%'")
                .isEmpty();
    }

    private ClusterNode primary() {
        return cluster.primary();
    }
}
