package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.ReplayConflictException;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/** Optimistic transactions on real servers: what they read on a replica is read again on the primary, and compared. */
class MovedTransactionTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ROWS = 400;
    private static final String INSERT = "INSERT INTO written VALUES (1)";
    private static final String SUM = "SELECT sum(id) FROM item";

    private final RoutedStatements routed = new RoutedStatements();
    private DatabaseKind database;
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;
    private RoutingConnection connection;

    @BeforeAll
    static void createTables() {
        String values = " name varchar(2000), amount numeric(10, 3), seen timestamp NULL";
        CLUSTERS.of(DatabaseKind.POSTGRESQL)
                .execute("CREATE TABLE written (id int); CREATE TABLE item (id int PRIMARY KEY," + values
                        + ", data bytea, document jsonb, list int[], mark uuid); INSERT INTO item SELECT n,"
                        + " repeat('x', n % 300), n / 7.0, timestamp '2026-01-01' + n * interval '1 s', decode('00ff', 'hex'),"
                        + " '{\"a\": 1}', ARRAY[n, NULL], gen_random_uuid() FROM generate_series(1, " + ROWS + ") n;"
                        + " INSERT INTO item VALUES (0)");
        CLUSTERS.of(DatabaseKind.MARIADB)
                .execute("CREATE TABLE written (id int); CREATE TABLE item (id int PRIMARY KEY," + values
                        + ", data blob, document json, list bit(8), mark uuid); INSERT INTO item SELECT seq,"
                        + " repeat('x', seq % 300), seq / 7.0, '2026-01-01' + INTERVAL seq SECOND, x'00ff', '{\"a\": 1}', b'101',"
                        + " UUID() FROM seq_1_to_" + ROWS + "; INSERT INTO item (id) VALUES (0)");
    }

    private void open(DatabaseKind chosen) {
        database = chosen;
        cluster = CLUSTERS.of(chosen);
        cluster.execute("DELETE FROM written; DELETE FROM item WHERE id > " + ROWS);
        cluster.awaitReplication();
        factory =
                routed.over(cluster, chosen.driver).optimisticTransactions(true).build();
        routed.awaitReplica(factory);
        connection = factory.create().block(LIMIT);
    }

    @AfterEach
    void close() {
        connection.close().block(LIMIT);
        factory.close().block(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void shouldWriteOnThePrimaryWhatItHasReadOnAReplica(DatabaseKind chosen) {
        open(chosen);
        connection.beginTransaction().block(LIMIT);
        rows(connection, "SELECT * FROM item ORDER BY id").blockLast(LIMIT);
        parameter(17).blockLast(LIMIT);
        rows(connection, SUM).blockLast(LIMIT);
        assertThat(routed.roles()).containsOnly(NodeRole.REPLICA);
        update(connection, INSERT).block(LIMIT);
        parameter(18).blockLast(LIMIT);
        assertThat(written()).isZero();
        connection.commitTransaction().block(LIMIT);
        assertThat(written()).isEqualTo(1);
        assertThat(routed.roles().subList(4, 7)).containsOnly(NodeRole.PRIMARY);
        assertThat(routed.all()).hasSize(7);
    }

    @ParameterizedTest
    @EnumSource
    void shouldCommitOnItsReplicaWhatHasOnlyRead(DatabaseKind chosen) {
        open(chosen);
        connection.beginTransaction().block(LIMIT);
        rows(connection, SUM).blockLast(LIMIT);
        connection.commitTransaction().block(LIMIT);
        assertThat(routed.roles()).containsOnly(NodeRole.REPLICA);
        update(connection, INSERT).block(LIMIT);
        assertThat(written()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailWhenWhatItHasReadIsOutOfDateAndSucceedWhenRunAgain(DatabaseKind chosen) {
        open(chosen);
        AtomicInteger runs = new AtomicInteger();
        Mono<Object> work = Mono.usingWhen(
                factory.create(),
                session -> session.beginTransaction()
                        .thenMany(rows(session, SUM))
                        .last()
                        .delayUntil(sum -> runs.incrementAndGet() == 1 ? newer() : Mono.empty())
                        .delayUntil(sum -> update(session, INSERT))
                        .delayUntil(sum -> session.commitTransaction()),
                Connection::close);
        Object sum = work.retryWhen(Retry.max(3).filter(ReplayConflictException.class::isInstance))
                .block(LIMIT);
        assertThat(runs).hasValue(2);
        assertThat(((Number) sum).longValue()).isEqualTo(ROWS * (ROWS + 1) / 2 + ROWS + 1);
        assertThat(written()).isEqualTo(1);
    }

    private Mono<Void> newer() {
        return Mono.<Void>fromRunnable(() -> cluster.execute("INSERT INTO item (id) VALUES (" + (ROWS + 1) + ")"))
                .subscribeOn(Schedulers.boundedElastic());
    }

    @ParameterizedTest
    @EnumSource
    void shouldSucceedSoonWithATextThatNeverGivesTheSameTwice(DatabaseKind chosen) {
        open(chosen);
        AtomicInteger runs = new AtomicInteger();
        Mono.usingWhen(
                        factory.create(),
                        session -> Mono.fromRunnable(runs::incrementAndGet)
                                .then(session.beginTransaction())
                                .thenMany(rows(
                                        session,
                                        database == DatabaseKind.POSTGRESQL ? "SELECT random()" : "SELECT RAND()"))
                                .then(update(session, INSERT))
                                .then(session.commitTransaction()),
                        Connection::close)
                .retryWhen(Retry.max(3).filter(ReplayConflictException.class::isInstance))
                .block(LIMIT);
        assertThat(runs.get()).isLessThanOrEqualTo(2);
        assertThat(written()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldWriteForEachRowThatItStillReads(DatabaseKind chosen) {
        open(chosen);
        connection.beginTransaction().block(LIMIT);
        rows(connection, "SELECT id FROM item ORDER BY id")
                .concatMap(id -> update(connection, "INSERT INTO written VALUES (" + id + ")"), 1)
                .blockLast(LIMIT);
        connection.commitTransaction().block(LIMIT);
        assertThat(written()).isEqualTo(ROWS + 1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldGoOnOnThePrimaryWhenItsReplicaEndsIt(DatabaseKind chosen) {
        open(chosen);
        connection.beginTransaction().block(LIMIT);
        rows(connection, SUM).blockLast(LIMIT);
        database.endSessions(cluster.replicas().get(0), "app");
        assertThat(parameter(17).collectList().block(LIMIT)).hasSize(1);
        update(connection, INSERT).block(LIMIT);
        connection.commitTransaction().block(LIMIT);
        assertThat(written()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailTheSameWayAfterAReadThatHasFailed(DatabaseKind chosen) {
        open(chosen);
        connection.beginTransaction().block(LIMIT);
        assertThatThrownBy(() -> rows(connection, "SELECT id FROM missing").blockLast(LIMIT))
                .isInstanceOf(R2dbcException.class);
        Mono<Long> write = update(connection, INSERT);
        if (database == DatabaseKind.POSTGRESQL) {
            // As in any transaction there, nothing is done after an error.
            assertThatThrownBy(() -> write.block(LIMIT))
                    .isInstanceOfSatisfying(
                            R2dbcException.class,
                            error -> assertThat(error.getSqlState()).isEqualTo("25P02"));
        } else {
            write.block(LIMIT);
        }
        connection.rollbackTransaction().block(LIMIT);
        assertThat(written()).isZero();
        assertThat(connection.isAutoCommit()).isTrue();
    }

    @Test
    void shouldBeginOnThePrimaryAtALevelThatReplicasDoNotOffer() {
        open(DatabaseKind.POSTGRESQL);
        connection.beginTransaction(IsolationLevel.SERIALIZABLE).block(LIMIT);
        rows(connection, SUM).blockLast(LIMIT);
        assertThat(routed.roles()).containsOnly(NodeRole.PRIMARY);
    }

    private int written() {
        List<List<String>> count = cluster.primary().query("SELECT count(*) FROM written");
        return Integer.parseInt(count.get(0).get(0));
    }

    private Flux<Object> parameter(int id) {
        return Flux.defer(() -> connection
                        .createStatement("SELECT * FROM item WHERE id = " + database.marker)
                        .bind(0, id)
                        .execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)));
    }

    private static Flux<Object> rows(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)));
    }

    private static Mono<Long> update(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .reduce(0L, Long::sum);
    }
}
