package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.ReadOnly;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.error.TransactionLostException;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** What becomes of a transaction whose connection is lost, and of the virtual connection in which it ran. */
class LostTransactionTests {

    private static final String INSERT = "INSERT INTO item VALUES (1)";

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldFailTheStatementThatRanWithAnErrorThatSaysSo() {
        Signals lost = lostWhileWriting();
        assertThat(lost.error)
                .isInstanceOf(TransactionLostException.class)
                .isInstanceOf(R2dbcTransientResourceException.class)
                .hasMessage(
                        "node p: the transaction on it was lost 0 ms ago with its connection: the connection is gone;"
                                + " nothing of it took effect; roll back and run it again from its start")
                .hasRootCauseMessage("the connection is gone");
        assertThat(((R2dbcException) lost.error).getSqlState()).isEqualTo("40001");
    }

    @Test
    void shouldFailEverythingThatStillBelongsToIt() {
        lostWhileWriting();
        driver.pass(70);
        int routed = driver.routes.size();
        Stream.<Supplier<Publisher<?>>>of(
                        () -> connection.createStatement("SELECT 1").execute(),
                        () -> connection.createStatement(INSERT).execute(),
                        () -> connection.createStatement("SAVEPOINT a").execute(),
                        connection::beginTransaction,
                        () -> connection.createSavepoint("a"),
                        () -> connection.rollbackTransactionToSavepoint("a"),
                        () -> connection.setAutoCommit(true),
                        () -> connection.setStatementTimeout(Duration.ofSeconds(1)))
                .forEach(later -> assertThat(Signals.of(later.get()).error)
                        .isInstanceOf(TransactionLostException.class)
                        .hasMessageContaining("lost 70 ms ago"));
        assertThat(driver.routes).hasSize(routed);
        assertThat(driver.connections).hasSize(1);
    }

    @Test
    void shouldGoOnWithAnotherTransactionOnceItIsRolledBack() {
        lostWhileWriting();
        assertThat(Signals.of(connection.rollbackTransaction()).completed).isTrue();
        assertThat(Signals.of(connection.beginTransaction()).completed).isTrue();
        Signals write = Signals.update(connection, INSERT);
        driver.sent().answer(1);
        assertThat(write.completed).isTrue();
        assertThat(Signals.of(connection.commitTransaction()).completed).isTrue();
        assertThat(driver.connections).hasSize(2);
        assertThat(driver.sender().calls).containsExactly("begin", INSERT, "commit");
        assertThat(driver.connections.get(0).isOpen()).isFalse();
        connection.close().subscribe();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotCommitItAndBeOverIt() {
        lostWhileWriting();
        int asked = driver.admitted.size();
        assertThat(Signals.of(connection.commitTransaction()).error).isInstanceOf(TransactionLostException.class);
        assertThat(driver.admitted).hasSize(asked);
        assertThat(Signals.of(connection.beginTransaction()).completed).isTrue();
        assertThat(driver.connections).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ROLLBACK", "rollback work", "-- no more\n/* of it */ Abort"})
    void shouldTakeARollbackAsText(String rollback) {
        lostWhileWriting();
        Signals ended = Signals.update(connection, rollback);
        assertThat(ended.completed).isTrue();
        assertThat(driver.connections).hasSize(1);
        Signals write = Signals.update(connection, INSERT);
        driver.sent().answer(1);
        assertThat(write.completed).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ROLLBACK AND CHAIN", "ROLLBACK; INSERT INTO item VALUES (2)", "ROLLBACK TO SAVEPOINT a"})
    void shouldNotTakeForItsEndWhatIsMore(String text) {
        lostWhileWriting();
        assertThat(Signals.update(connection, text).error).isInstanceOf(TransactionLostException.class);
        assertThat(Signals.rows(connection, "SELECT 1").error).isInstanceOf(TransactionLostException.class);
    }

    @Test
    void shouldBeOverItWithACommitAsText() {
        lostWhileWriting();
        assertThat(Signals.update(connection, "COMMIT").error).isInstanceOf(TransactionLostException.class);
        assertThat(Signals.of(connection.beginTransaction()).completed).isTrue();
    }

    @Test
    void shouldFindItLostBetweenTwoStatements() {
        begun();
        driver.connections.get(0).close().subscribe();
        assertThat(Signals.update(connection, INSERT).error).isInstanceOf(TransactionLostException.class);
        assertThat(Signals.rows(connection, "SELECT 1").error).isInstanceOf(TransactionLostException.class);
        assertThat(driver.connections).hasSize(1);
    }

    @Test
    void shouldRollBackWithoutAnErrorWhatCannotBeRolledBackAnyMore() {
        begun();
        driver.connections.get(0).answer = () -> Mono.error(ScriptedDriver.lost());
        assertThat(Signals.of(connection.rollbackTransaction()).completed).isTrue();
        assertThat(Signals.of(connection.beginTransaction()).completed).isTrue();
        assertThat(driver.connections).hasSize(2);
    }

    @Test
    void shouldSayThatTheOutcomeOfACommitIsUnknownAndBeOverIt() {
        begun();
        driver.connections.get(0).answer = () -> Mono.error(ScriptedDriver.lost());
        assertThat(Signals.of(connection.commitTransaction()).error).isInstanceOf(OutcomeUnknownException.class);
        assertThat(Signals.of(connection.rollbackTransaction()).completed).isTrue();
        assertThat(Signals.of(connection.beginTransaction()).completed).isTrue();
    }

    @Test
    void shouldLoseItWithAFailedSavepoint() {
        begun();
        driver.connections.get(0).answer = () -> Mono.error(ScriptedDriver.lost());
        assertThat(Signals.of(connection.createSavepoint("a")).error).isInstanceOf(TransactionLostException.class);
        assertThat(Signals.update(connection, INSERT).error).isInstanceOf(TransactionLostException.class);
    }

    @Test
    void shouldReadOnNoOtherReplicaTheRestOfALostReadOnlyTransaction() {
        assertThat(Signals.of(connection.beginTransaction(ReadOnly.TRANSACTION)).completed)
                .isTrue();
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().fail(ScriptedDriver.lost());
        assertThat(read.error).isInstanceOf(TransactionLostException.class);
        assertThat(Signals.rows(connection, "SELECT 2").error).isInstanceOf(TransactionLostException.class);
        assertThat(Signals.of(connection.rollbackTransaction()).completed).isTrue();
        Signals.rows(connection, "SELECT 3");
        driver.sent().answer(3);
        assertThat(driver.connections).hasSize(2);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotGoOnWithASessionInWhichMoreWasLost() {
        Signals.update(connection, "SET search_path TO app");
        driver.sent().answer();
        begun();
        driver.connections.get(0).close().subscribe();
        assertThat(Signals.update(connection, INSERT).error).isInstanceOf(TransactionLostException.class);
        assertThat(Signals.of(connection.rollbackTransaction()).completed).isTrue();
        assertThat(Signals.of(connection.beginTransaction()).error)
                .isInstanceOf(NodeUnreachableException.class)
                .hasMessageContaining("what had been set in it is lost too; close this connection");
        assertThat(Signals.of(connection.close()).completed).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldStartAnewForTheNextUserOfAnOuterPool() {
        lostWhileWriting();
        assertThat(Signals.of(connection.preRelease()).completed).isTrue();
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldLoseNothingWithoutATransaction() {
        Signals write = Signals.update(connection, INSERT);
        driver.sent().fail(ScriptedDriver.lost());
        assertThat(write.error).isInstanceOf(OutcomeUnknownException.class);
        Signals next = Signals.update(connection, INSERT);
        driver.sent().answer(1);
        assertThat(next.completed).isTrue();
    }

    private void begun() {
        assertThat(Signals.of(connection.beginTransaction()).completed).isTrue();
    }

    private Signals lostWhileWriting() {
        begun();
        Signals write = Signals.update(connection, INSERT);
        driver.sent().fail(ScriptedDriver.lost());
        return write;
    }
}
