package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.ReadOnly;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.services.AbandonedExchanges;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.IsolationLevel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** When a virtual connection pins a physical one, what runs on it, and in what state it goes back. */
class PinnedSessionTests {

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldKeepTheConnectionOfAWriteAndSendEverythingThere() {
        written();
        ScriptedConnection pinned = driver.sender();
        assertThat(driver.lent()).isEqualTo(1);
        Signals read = Signals.rows(connection, "SELECT 1");
        assertThat(driver.sender()).isSameAs(pinned);
        pinned.last().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(driver.routes).extracting(StatementRoute::role).containsExactly(NodeRole.PRIMARY, NodeRole.PRIMARY);
        assertThat(driver.routes.get(0).reason()).doesNotContain("pinned");
        assertThat(driver.routes.get(1).reason()).startsWith("pinned");
        Signals closed = Signals.of(connection.close());
        assertThat(closed.completed).isTrue();
        assertThat(driver.lent()).isZero();
        assertThat(pinned.calls).containsExactly("INSERT INTO item VALUES (1)", "SELECT 1");
    }

    @Test
    void shouldTakeOneConnectionForAllWhoNeedThePinAtOnce() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals first = Signals.update(connection, "INSERT INTO item VALUES (1)");
        Signals.update(connection, "INSERT INTO item VALUES (2)");
        first.cancel();
        opened.tryEmitEmpty();
        assertThat(driver.connections).hasSize(1);
        assertThat(driver.sender().calls).containsExactly("INSERT INTO item VALUES (2)");
    }

    @Test
    void shouldResetASessionInWhichSomethingWasSet() {
        Signals.update(connection, "SET search_path TO app");
        driver.sent().answer();
        connection.close().subscribe();
        assertThat(driver.sender().calls).containsExactly("SET search_path TO app", "reset");
        assertThat(driver.services.pools().held()).isEmpty();
        assertThat(driver.sender().isOpen()).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldDropASessionThatCannotBeReset() {
        driver.dialect.resetAnswer = Mono.just(false);
        Signals.update(connection, "SET search_path TO app");
        driver.sent().answer();
        connection.close().subscribe();
        assertThat(driver.sender().isOpen()).isFalse();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldDropASessionWhoseResetFails() {
        driver.dialect.resetAnswer = Mono.error(ScriptedDriver.lost());
        Signals.update(connection, "SET search_path TO app");
        driver.sent().answer();
        Signals closed = Signals.of(connection.close());
        assertThat(closed.completed).isTrue();
        assertThat(driver.sender().isOpen()).isFalse();
    }

    @Test
    void shouldRollBackWhatWasLeftOpen() {
        begun();
        Signals closed = Signals.of(connection.close());
        assertThat(closed.completed).isTrue();
        assertThat(primary().calls).containsExactly("begin", "rollback");
        assertThat(primary().isOpen()).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldDropAConnectionThatCannotBeRolledBack() {
        begun();
        ScriptedConnection pinned = primary();
        pinned.answer = () -> Mono.error(new IllegalStateException("refused"));
        connection.close().subscribe();
        assertThat(pinned.isOpen()).isFalse();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldBeClosedOnlyWhenThePinnedConnectionIsBack() {
        Signals.update(connection, "INSERT INTO item VALUES (1)");
        Signals closed = Signals.of(connection.close());
        assertThat(closed.isOver()).isFalse();
        driver.sent().answer();
        assertThat(closed.completed).isTrue();
        assertThat(driver.lent()).isZero();
        assertThat(driver.sender().isOpen()).isTrue();
    }

    @Test
    void shouldBeClosedWhenWhatRunsDoesNotEndInTime() {
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        Signals closed = Signals.of(connection.close());
        driver.pass(799);
        assertThat(closed.isOver()).isFalse();
        driver.pass(101);
        assertThat(closed.completed).isTrue();
        assertThat(write.error).isInstanceOf(OutcomeUnknownException.class);
        assertThat(driver.sender().isOpen()).isFalse();
    }

    @Test
    void shouldRefuseEverythingOnceClosed() {
        connection.close().subscribe();
        assertThat(Signals.rows(connection, "SELECT 1").error).hasMessageStartingWith("the connection is closed");
        assertThat(Signals.update(connection, "DELETE FROM item").error)
                .hasMessageStartingWith("the connection is closed");
        assertThat(Signals.of(connection.beginTransaction()).error).hasMessageStartingWith("the connection is closed");
        assertThat(Signals.of(connection.commitTransaction()).error).hasMessageStartingWith("the connection is closed");
        assertThat(Signals.of(connection.setStatementTimeout(Duration.ofSeconds(1))).error)
                .hasMessageStartingWith("the connection is closed");
        assertThat(driver.connections).isEmpty();
    }

    @Test
    void shouldGiveBackAConnectionThatCameAfterItsVirtualConnectionWasClosed() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals read = Signals.rows(connection, "SELECT 1");
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        connection.close().subscribe();
        opened.tryEmitEmpty();
        assertThat(read.error).hasMessageStartingWith("the connection is closed");
        assertThat(write.error).hasMessageStartingWith("the connection is closed");
        assertThat(driver.lent()).isZero();
        assertThat(driver.connections)
                .hasSize(2)
                .allSatisfy(late -> assertThat(late.calls).isEmpty());
    }

    @Test
    void shouldStartAgainWhenAnOuterPoolTakesItBack() {
        connection.setStatementTimeout(Duration.ofSeconds(7)).subscribe();
        written();
        connection.preRelease().subscribe();
        assertThat(driver.lent()).isZero();
        Signals read = Signals.rows(connection, "SELECT 1");
        assertThat(driver.routes.get(1).role()).isEqualTo(NodeRole.REPLICA);
        driver.sent().answer(1);
        assertThat(read.completed).isTrue();
        assertThat(driver.sender().calls).containsExactly("SELECT 1");
    }

    @Test
    void shouldStayOnThePrimaryWhenThePinOfAWriteIsLost() {
        written();
        Signals lost = Signals.update(connection, "INSERT INTO item VALUES (2)");
        driver.sent().fail(ScriptedDriver.lost());
        assertThat(lost.error).isInstanceOf(OutcomeUnknownException.class);
        assertThat(driver.suspected).containsExactly(ScriptedDriver.PRIMARY);
        Signals.rows(connection, "SELECT 1");
        assertThat(driver.routes).extracting(StatementRoute::role).containsOnly(NodeRole.PRIMARY);
        assertThat(driver.open(ScriptedDriver.PRIMARY)).hasSize(1);
        assertThat(driver.lent()).isEqualTo(1);
    }

    @Test
    void shouldReadOnAReplicaInAReadOnlyTransactionAndLetGoAtItsEnd() {
        Signals begun = Signals.of(connection.beginTransaction(ReadOnly.TRANSACTION));
        assertThat(begun.completed).isTrue();
        Signals.rows(connection, "SELECT 1");
        assertThat(driver.routes).extracting(StatementRoute::role).containsOnly(NodeRole.REPLICA);
        driver.sent().answer(1);
        Signals committed = Signals.of(connection.commitTransaction());
        assertThat(committed.completed).isTrue();
        assertThat(driver.sender().calls).containsExactly("begin as defined", "SELECT 1", "commit");
        assertThat(driver.lent()).isZero();
        assertThat(driver.admitted).isEmpty();
    }

    @Test
    void shouldBeginAReadOnlyTransactionElsewhereWhenItsNodeFails() {
        driver.failing.add("r1");
        for (int number = 0; number < 2; number++) {
            RoutingConnection reading = driver.connect();
            assertThat(Signals.of(reading.beginTransaction(ReadOnly.TRANSACTION)).completed)
                    .isTrue();
            assertThat(reading).asString().contains("of node r2");
        }
        assertThat(driver.suspected).containsExactly(new NodeId("r1"));
        assertThat(driver.lent()).isEqualTo(2);
    }

    @Test
    void shouldBeginAgainOnAnotherConnectionOfThePrimaryWhenTheFirstOneIsLost() {
        driver.failing.add("p");
        driver.opening = Mono.fromRunnable(() -> {
            if (driver.connections.size() == 2) {
                driver.failing.clear();
            }
        });
        Signals begun = Signals.of(connection.beginTransaction());
        assertThat(driver.connections).hasSize(2);
        driver.pass(25);
        assertThat(begun.completed).isTrue();
        assertThat(driver.connections).hasSize(3);
        assertThat(driver.lent()).isEqualTo(1);
        assertThat(connection.isAutoCommit()).isFalse();
    }

    @Test
    void shouldNotBeginAgainWhatTheServerRefused() {
        Signals.rows(connection, "SELECT 1 FOR UPDATE");
        driver.sent().answer(1);
        Throwable refused = new IllegalStateException("refused");
        primary().answer = () -> Mono.error(refused);
        assertThat(Signals.of(connection.beginTransaction()).error).isSameAs(refused);
        assertThat(primary().calls).containsExactly("SELECT 1 FOR UPDATE", "begin");
    }

    @Test
    void shouldGiveUpWhenATransactionCannotBeBegunAnywhere() {
        driver.failing.addAll(List.of("p", "r1", "r2"));
        Signals begun = Signals.of(connection.beginTransaction(ReadOnly.TRANSACTION));
        driver.pass(25);
        assertThat(begun.error).hasMessageContaining("the connection is gone");
        assertThat(driver.connections).extracting(opened -> opened.node).containsExactlyInAnyOrder("p", "r1", "r2");
        assertThat(driver.lent()).isZero();
        assertThat(connection.isAutoCommit()).isTrue();
    }

    @Test
    void shouldAskTheGateBeforeACommitAndAgainWhenItWasAcknowledged() {
        begun();
        driver.admitted.clear();
        Signals committed = Signals.of(connection.commitTransaction());
        assertThat(committed.completed).isTrue();
        assertThat(driver.admitted).containsExactly("asked", "acknowledged");
        assertThat(driver.lent()).isEqualTo(1);
        connection.close().subscribe();
        assertThat(primary().calls).containsExactly("begin", "commit");
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldFailACommitWhoseAcknowledgementDoesNotCount() {
        begun();
        driver.invalid = new IllegalStateException("replaced meanwhile");
        assertThat(Signals.of(connection.commitTransaction()).error).isSameAs(driver.invalid);
    }

    @Test
    void shouldFailAWriteWhoseAcknowledgementDoesNotCount() {
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.invalid = new IllegalStateException("replaced meanwhile");
        driver.sent().result().endResult();
        assertThat(write.error).isSameAs(driver.invalid);
        driver.sent().end();
        Signals sequence = Signals.of(
                connection.createStatement("INSERT INTO item VALUES (2)").execute());
        driver.sent().end();
        assertThat(sequence.error).isSameAs(driver.invalid);
    }

    @Test
    void shouldNotKnowTheOutcomeOfACommitWhoseAnswerWasLost() {
        begun();
        primary().answer = () -> Mono.error(ScriptedDriver.lost());
        assertThat(Signals.of(connection.commitTransaction()).error)
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("node p: the connection broke while a commit was in flight");
        assertThat(driver.suspected).containsExactly(ScriptedDriver.PRIMARY);
    }

    @Test
    void shouldSayWhatTheServerSaidOfACommitThatItRefused() {
        begun();
        Throwable refused = new IllegalStateException("deferred constraint");
        primary().answer = () -> Mono.error(refused);
        assertThat(Signals.of(connection.commitTransaction()).error).isSameAs(refused);
        assertThat(driver.suspected).isEmpty();
    }

    @Test
    void shouldKnowThatAStatementInATransactionTookNoEffectWhenItsAnswerWasLost() {
        begun();
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.sent().fail(ScriptedDriver.lost());
        assertThat(write.error)
                .hasMessageContaining("the connection is gone")
                .isNotInstanceOf(OutcomeUnknownException.class);
    }

    @Test
    void shouldRollBackOnlyAfterAnAbandonedReadHasEnded() {
        begun();
        Signals read = Signals.rows(connection, "SELECT 1");
        read.cancel();
        Signals rolledBack = Signals.of(connection.rollbackTransaction());
        assertThat(rolledBack.isOver()).isFalse();
        assertThat(primary().calls).containsExactly("begin", "SELECT 1");
        driver.pass(900);
        assertThat(driver.dialect.cancelled).hasSize(1);
        driver.sent().fail(new IllegalStateException("cancelled"));
        assertThat(rolledBack.completed).isTrue();
        assertThat(primary().calls).containsExactly("begin", "SELECT 1", "rollback");
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(0, 1, 0));
    }

    @Test
    void shouldRollBackAfterAllWhenAnAbandonedStatementDoesNotEnd() {
        begun();
        Signals.update(connection, "INSERT INTO item VALUES (1)").cancel();
        Signals rolledBack = Signals.of(connection.rollbackTransaction());
        driver.pass(4_900);
        assertThat(primary().calls).doesNotContain("rollback");
        driver.pass(200);
        assertThat(rolledBack.completed).isTrue();
        assertThat(primary().calls).contains("rollback");
    }

    @Test
    void shouldCommitBehindAnAbandonedReadWithoutCancellingIt() {
        begun();
        Signals.rows(connection, "SELECT 1").cancel();
        Signals committed = Signals.of(connection.commitTransaction());
        assertThat(committed.completed).isTrue();
        assertThat(primary().calls).containsExactly("begin", "SELECT 1", "commit");
    }

    @Test
    void shouldSendBehindAnAbandonedReadOnlyOnceItHasEnded() {
        written();
        Signals.rows(connection, "SELECT 1").cancel();
        ScriptedExecution abandoned = driver.sent();
        Signals next = Signals.rows(connection, "SELECT 2");
        assertThat(primary().calls).doesNotContain("SELECT 2");
        abandoned.answer(1);
        assertThat(primary().calls).endsWith("SELECT 2");
        driver.sent().answer(2);
        assertThat(next.values).containsExactly(2);
    }

    @Test
    void shouldNotWaitForAnAbandonedReadInsideATransaction() {
        begun();
        Signals.rows(connection, "SELECT 1").cancel();
        Signals.rows(connection, "SELECT 2");
        assertThat(primary().calls).endsWith("SELECT 2");
    }

    @Test
    void shouldApplySettingsToWhateverConnectionFollowsAndUndoThem() {
        connection.setLockWaitTimeout(Duration.ofMillis(50)).subscribe();
        Signals.rows(connection, "SELECT 1");
        driver.sent().answer(1);
        assertThat(driver.sender().calls).containsExactly("lock wait 50", "SELECT 1", "reset");
        assertThat(driver.lent()).isZero();
        written();
        assertThat(primary().calls).containsExactly("lock wait 50", "INSERT INTO item VALUES (1)");
        connection.setStatementTimeout(Duration.ofMillis(70)).subscribe();
        assertThat(primary().calls).endsWith("timeout 70");
        connection.close().subscribe();
        assertThat(primary().calls).endsWith("reset");
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldDropAConnectionThatCannotBeSet() {
        driver.failing.addAll(List.of("p", "r1", "r2"));
        connection.setLockWaitTimeout(Duration.ofMillis(50)).subscribe();
        Signals read = Signals.rows(connection, "SELECT 1");
        assertThat(read.error).hasMessageContaining("the connection is gone");
        assertThat(driver.lent()).isZero();
        assertThat(driver.connections)
                .allSatisfy(opened -> assertThat(opened.isOpen()).isFalse());
    }

    @Test
    void shouldNotShareAReadThatWasTakenWithOtherSettings() {
        Signals.rows(connection, "SELECT 1");
        connection.setLockWaitTimeout(Duration.ofMillis(50)).subscribe();
        Signals.rows(connection, "SELECT 2");
        assertThat(driver.lent()).isEqualTo(2);
        assertThat(driver.sender().calls).containsExactly("lock wait 50", "SELECT 2");
    }

    @Test
    void shouldReadOnThePrimaryAtALevelThatReplicasDoNotOffer() {
        connection.setTransactionIsolationLevel(IsolationLevel.SERIALIZABLE).subscribe();
        Signals.rows(connection, "SELECT 1");
        assertThat(driver.routes).extracting(StatementRoute::role).containsExactly(NodeRole.PRIMARY);
    }

    @Test
    void shouldHandOutTheDriversConnectionAndLendItToNobodyElse() {
        Signals handed = Signals.of(connection.pinned(NodeRole.PRIMARY, Connection.class));
        assertThat(handed.values).containsExactly(primary());
        assertThat(driver.lent()).isEqualTo(1);
        ScriptedConnection pinned = primary();
        connection.close().subscribe();
        assertThat(pinned.isOpen()).isFalse();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldUndoWhatWasSetOnThePin() {
        written();
        connection.setStatementTimeout(Duration.ofMillis(70)).subscribe();
        Signals closed = Signals.of(connection.close());
        assertThat(closed.completed).isTrue();
        assertThat(primary().calls).containsExactly("INSERT INTO item VALUES (1)", "timeout 70", "reset");
    }

    @Test
    void shouldBeClosedAtOnceWhenNothingIsPinned() {
        assertThat(Signals.of(connection.setStatementTimeout(Duration.ofMillis(70))).completed)
                .isTrue();
        assertThat(Signals.of(connection.close()).completed).isTrue();
    }

    @Test
    void shouldTakeAnotherPinInTheNextLifeOfThePrimary() {
        written();
        restarted();
        written();
        assertThat(driver.connections).hasSize(2);
        assertThat(driver.lent()).isEqualTo(1);
        assertThat(driver.connections.get(0).calls).doesNotContain("reset").endsWith("close");
    }

    @Test
    void shouldKeepAPinFromAnEarlierLifeThatHoldsATransactionOrASetting() {
        begun();
        restarted();
        Signals.rows(connection, "SELECT 1");
        assertThat(driver.connections).hasSize(1);
        driver.sent().answer(1);
        RoutingConnection set = driver.connect();
        Signals.update(set, "SET search_path TO app");
        ScriptedConnection altered = driver.sender();
        altered.last().answer();
        restarted();
        Signals.rows(set, "SELECT 2");
        assertThat(altered.calls).containsExactly("SET search_path TO app", "SELECT 2");
    }

    @Test
    void shouldBeginOnThePrimaryAtALevelThatReplicasDoNotOffer() {
        assertThat(Signals.of(connection.beginTransaction(ReadOnly.SERIALIZABLE)).completed)
                .isTrue();
        assertThat(primary().calls).containsExactly("begin as defined");
    }

    @Test
    void shouldTryNoMoreThanTwoOtherConnectionsForAWritingTransaction() {
        driver.failing.add("p");
        Signals begun = Signals.of(connection.beginTransaction());
        driver.pass(25);
        assertThat(begun.error).hasMessageContaining("the connection is gone");
        assertThat(driver.connections)
                .hasSize(3)
                .allSatisfy(opened -> assertThat(opened.calls).startsWith("begin"));
        connection.close().subscribe();
        assertThat(driver.lent()).isZero();
        assertThat(driver.services.pools().held()).isEmpty();
    }

    @Test
    void shouldEndNoTransactionWithoutAPin() {
        assertThat(Signals.of(connection.commitTransaction()).completed).isTrue();
        assertThat(Signals.of(connection.rollbackTransaction()).completed).isTrue();
        assertThat(driver.connections).isEmpty();
    }

    private void written() {
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.sent().answer();
        assertThat(write.completed).isTrue();
    }

    private void restarted() {
        long generation = driver.current().primary().generation() + 1;
        driver.publish(ScriptedDriver.node("p", NodeRole.PRIMARY, NodeHealth.HEALTHY, 0, generation, 2_000));
    }

    private void begun() {
        Signals begun = Signals.of(connection.beginTransaction());
        assertThat(begun.completed).isTrue();
    }

    private ScriptedConnection primary() {
        List<ScriptedConnection> open = driver.open(ScriptedDriver.PRIMARY);
        return open.get(open.size() - 1);
    }
}
