package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Transactions on real servers, which have the last word on whether there is one: by methods, by texts, and mixed. */
class TransactionTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String INSERT = "INSERT INTO item VALUES (1)";
    private static final String READ = "SELECT id FROM item";
    private static final String BEGIN_READ_ONLY = "START TRANSACTION READ ONLY";
    private static final Map<DatabaseKind, RoutedStatements> ROUTED = new EnumMap<>(DatabaseKind.class);
    private static final Map<DatabaseKind, RoutingConnectionFactory> FACTORIES = new EnumMap<>(DatabaseKind.class);

    private RoutedStatements routed;
    private LocalCluster cluster;
    private RoutingConnection connection;

    @BeforeAll
    static void start() {
        for (DatabaseKind database : DatabaseKind.values()) {
            CLUSTERS.of(database).execute("CREATE TABLE item (id int)");
            CLUSTERS.of(database).awaitReplication();
            RoutedStatements routed = new RoutedStatements();
            ROUTED.put(database, routed);
            FACTORIES.put(
                    database,
                    routed.over(CLUSTERS.of(database), database.driver)
                            .maxSize(2)
                            .build());
        }
    }

    @AfterAll
    static void stop() {
        FACTORIES.values().forEach(factory -> factory.close().block(LIMIT));
    }

    private void open(DatabaseKind database) {
        cluster = CLUSTERS.of(database);
        cluster.execute("DELETE FROM item");
        routed = ROUTED.get(database);
        routed.awaitReplica(FACTORIES.get(database));
        connection = FACTORIES.get(database).create().block(LIMIT);
    }

    @AfterEach
    void close() {
        connection.close().block(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadFromOneReplicaBetweenATextThatBeginsReadOnlyAndItsEnd(DatabaseKind database) {
        open(database);
        // Until it is known that a replica shows what other tests wrote, all go to the other one.
        for (int i = 0; i < 4 || routed.nodes().stream().distinct().count() < 2; i++) {
            run(BEGIN_READ_ONLY);
            run(READ);
            run(READ);
            refused(() -> run(INSERT));
            run(i % 2 == 0 ? "ROLLBACK" : "COMMIT");
            assertThat(routed.roles()).containsOnly(NodeRole.REPLICA);
            assertThat(routed.nodes().subList(i * 5, i * 5 + 5))
                    .containsOnly(routed.nodes().get(i * 5));
        }
        run(INSERT);
        assertThat(written()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndByAMethodWhatATextBeganAndTheOtherWayRound(DatabaseKind database) {
        open(database);
        run(BEGIN_READ_ONLY);
        run(READ);
        done(connection.commitTransaction());
        done(connection.beginTransaction(ReadOnly.TRANSACTION));
        run(READ);
        run("COMMIT");
        assertThat(routed.roles()).containsOnly(NodeRole.REPLICA);
        assertThat(connection.isAutoCommit()).isTrue();
        run("BEGIN");
        run(INSERT);
        assertThat(connection.isAutoCommit()).isFalse();
        assertThat(written()).isZero();
        done(connection.commitTransaction());
        assertThat(written()).isEqualTo(1);
        done(connection.beginTransaction());
        run(INSERT);
        run("ROLLBACK");
        assertThat(connection.isAutoCommit()).isTrue();
        done(connection.commitTransaction());
        assertThat(written()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndAtOnceByAMethodWhatATextHasJustBegun(DatabaseKind database) {
        open(database);
        for (int i = 0; i < 20; i++) {
            first("BEGIN");
            done(connection.rollbackTransaction());
            assertThat(connection.isAutoCommit()).isTrue();
            first(INSERT);
        }
        assertThat(written()).isEqualTo(20);
    }

    /** The answer to the end is not complete with its first result. */
    @ParameterizedTest
    @EnumSource
    void shouldWriteRightBehindTheEndOfAReadOnlyTransaction(DatabaseKind database) {
        open(database);
        for (int i = 0; i < 20; i++) {
            first(BEGIN_READ_ONLY);
            first("COMMIT");
            first(INSERT);
            done(connection.close());
            connection = FACTORIES.get(database).create().block(LIMIT);
        }
        assertThat(written()).isEqualTo(20);
    }

    @ParameterizedTest
    @EnumSource
    void shouldLetATextSayThatATransactionOnThePrimaryIsReadOnly(DatabaseKind database) {
        open(database);
        // In PostgreSQL it is said of the present transaction, elsewhere of the next one.
        if (database == DatabaseKind.POSTGRESQL) {
            run("BEGIN");
            run("SET TRANSACTION READ ONLY");
        } else {
            run("SET TRANSACTION READ ONLY");
            run("BEGIN");
        }
        run(READ);
        refused(() -> run(INSERT));
        run("ROLLBACK");
        run(INSERT);
        assertThat(written()).isEqualTo(1);
        assertThat(routed.roles()).containsOnly(NodeRole.PRIMARY);
    }

    @ParameterizedTest
    @EnumSource
    void shouldLetATextSayThatTheTransactionsOfASessionAreReadOnly(DatabaseKind database) {
        open(database);
        run(
                database == DatabaseKind.POSTGRESQL
                        ? "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
                        : "SET SESSION TRANSACTION READ ONLY");
        done(connection.beginTransaction());
        refused(() -> run(INSERT));
        done(connection.rollbackTransaction());
        refused(() -> run(INSERT));
        done(connection.close());
        connection = FACTORIES.get(database).create().block(LIMIT);
        run(INSERT);
        assertThat(written()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldStayWhereItBeganAfterATextThatFails(DatabaseKind database) {
        open(database);
        run(BEGIN_READ_ONLY);
        assertThatThrownBy(() -> run("SELECT id FROM missing")).isInstanceOf(R2dbcException.class);
        assertThat(connection.isAutoCommit()).isFalse();
        run("ROLLBACK");
        assertThatThrownBy(() -> run("BEGIN READ ONLY AND SO ON")).isInstanceOf(R2dbcException.class);
        assertThat(connection.isAutoCommit()).isTrue();
        run(INSERT);
        assertThat(written()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldRollBackToSavepointsByMethodsAndTexts(DatabaseKind database) {
        open(database);
        done(connection.beginTransaction());
        run(INSERT);
        done(connection.createSavepoint("a"));
        run(INSERT);
        run("SAVEPOINT b");
        run(INSERT);
        done(connection.rollbackTransactionToSavepoint("b"));
        run("ROLLBACK TO SAVEPOINT a");
        done(connection.releaseSavepoint("a"));
        assertThat(connection.isAutoCommit()).isFalse();
        done(connection.commitTransaction());
        assertThat(written()).isEqualTo(1);
        assertThat(routed.roles()).containsOnly(NodeRole.PRIMARY);
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepSavepointsOfAReadOnlyTransactionOnItsReplica(DatabaseKind database) {
        open(database);
        run(BEGIN_READ_ONLY);
        run("SAVEPOINT a");
        run(READ);
        done(connection.createSavepoint("b"));
        assertThatThrownBy(() -> run("SELECT id FROM missing")).isInstanceOf(R2dbcException.class);
        done(connection.rollbackTransactionToSavepoint("b"));
        run(READ);
        run("ROLLBACK TO SAVEPOINT a");
        run("RELEASE SAVEPOINT a");
        run(READ);
        done(connection.commitTransaction());
        assertThat(routed.roles()).containsOnly(NodeRole.REPLICA);
        assertThat(routed.nodes().stream().distinct()).hasSize(1);
    }

    /** In PostgreSQL, where there is no such mode, the driver begins one transaction. */
    @ParameterizedTest
    @EnumSource
    void shouldBeginWithTheNextStatementWhileAutoCommitIsOff(DatabaseKind database) {
        open(database);
        done(connection.setAutoCommit(false));
        assertThat(connection.isAutoCommit()).isFalse();
        run(READ);
        run(INSERT);
        assertThat(written()).isZero();
        done(connection.commitTransaction());
        assertThat(written()).isEqualTo(1);
        done(connection.setAutoCommit(false));
        run(INSERT);
        done(connection.rollbackTransaction());
        assertThat(written()).isEqualTo(1);
        done(connection.setAutoCommit(false));
        run(INSERT);
        done(connection.setAutoCommit(true));
        assertThat(connection.isAutoCommit()).isTrue();
        assertThat(written()).isEqualTo(2);
        assertThat(routed.roles()).containsOnly(NodeRole.PRIMARY);
    }

    @Test
    void shouldBeginWithTheNextStatementOnceATextHasSwitchedAutoCommitOff() {
        open(DatabaseKind.MARIADB);
        run("SET autocommit = 0");
        for (int i = 1; i < 3; i++) {
            run(READ);
            run(INSERT);
            assertThat(written()).isEqualTo(i - 1);
            if (i == 1) {
                done(connection.commitTransaction());
            } else {
                run("COMMIT");
            }
            assertThat(written()).isEqualTo(i);
        }
        run(INSERT);
        run("SET autocommit = 1");
        assertThat(written()).isEqualTo(3);
        run(INSERT);
        assertThat(written()).isEqualTo(4);
        done(connection.close());
        connection = FACTORIES.get(DatabaseKind.MARIADB).create().block(LIMIT);
        run(INSERT);
        assertThat(written()).isEqualTo(5);
    }

    private int written() {
        return Integer.parseInt(
                cluster.primary().query("SELECT count(*) FROM item").get(0).get(0));
    }

    private static void refused(ThrowingCallable write) {
        assertThatThrownBy(write)
                .isInstanceOf(R2dbcException.class)
                .hasMessageMatching("(?is).*read.only.*")
                .isNotInstanceOf(OutcomeUnknownException.class);
    }

    private static void done(Publisher<Void> work) {
        Mono.from(work).block(LIMIT);
    }

    private List<?> run(String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .collectList()
                .block(LIMIT);
    }

    /** Waits for the first result and for no more. */
    private void first(String sql) {
        Mono.from(connection.createStatement(sql).execute())
                .flatMapMany(Result::getRowsUpdated)
                .blockLast(LIMIT);
    }
}
