package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.ReadOnly;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.error.TransactionLostException;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.IsolationLevel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Transactions that are begun or ended by a text: where they run, and for how long their connection is kept. */
class TransactionTextTests {

    private static final String INSERT = "INSERT INTO item VALUES (1)";

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BEGIN READ ONLY", "start transaction isolation level repeatable read, read only"})
    void shouldKeepAReplicaFromAReadOnlyBeginToItsEnd(String begin) {
        ScriptedConnection replica = begun(begin);
        for (int i = 0; i < 3; i++) {
            Signals read = Signals.rows(connection, "SELECT 1");
            replica.last().answer(1);
            assertThat(read.values).containsExactly(1);
        }
        assertThat(driver.lent()).isEqualTo(1);
        ended("COMMIT", replica);
        assertThat(driver.lent()).isZero();
        assertThat(driver.admitted).isEmpty();
        Signals.update(connection, INSERT);
        assertThat(driver.sender().node).isEqualTo("p");
    }

    @Test
    void shouldEndByAMethodWhatATextBegan() {
        begun("BEGIN READ ONLY");
        assertThat(Signals.of(connection.commitTransaction()).completed).isTrue();
        assertThat(driver.lent()).isZero();
        assertThat(driver.connections.get(0).calls).containsExactly("BEGIN READ ONLY", "commit");
        begun("BEGIN READ ONLY");
        assertThat(Signals.of(connection.rollbackTransaction()).completed).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldEndByATextWhatAMethodBegan() {
        assertThat(Signals.of(connection.beginTransaction(ReadOnly.TRANSACTION)).completed)
                .isTrue();
        assertThat(driver.lent()).isEqualTo(1);
        Signals rollback = Signals.update(connection, "ROLLBACK");
        ended(driver.sender());
        assertThat(rollback.completed).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldKeepTheReplicaWhenTheServerSaysThatTheTransactionGoesOn() {
        ScriptedConnection replica = begun("BEGIN READ ONLY");
        Signals chained = Signals.update(connection, "COMMIT AND CHAIN");
        replica.last().answer();
        assertThat(chained.completed).isTrue();
        assertThat(driver.lent()).isEqualTo(1);
        ended("ROLLBACK", replica);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldSendNothingElsewhereBeforeTheEndIsSure() {
        ScriptedConnection replica = begun("BEGIN READ ONLY");
        Signals commit =
                Signals.of(Mono.from(connection.createStatement("COMMIT").execute())
                        .flatMapMany(result -> result.getRowsUpdated()));
        replica.last().result().endResult();
        assertThat(commit.completed).isTrue();
        Signals.update(connection, INSERT);
        assertThat(driver.connections).hasSize(1);
        replica.inTransaction(false);
        replica.last().end();
        assertThat(driver.sender().node).isEqualTo("p");
        assertThat(driver.sender().calls).containsExactly(INSERT);
    }

    @Test
    void shouldNotEndByAMethodBeforeTheBeginIsSure() {
        Signals.of(Mono.from(connection.createStatement("BEGIN").execute())
                .flatMapMany(result -> result.getRowsUpdated()));
        ScriptedConnection primary = driver.sender();
        primary.last().result().endResult();
        Signals commit = Signals.of(connection.commitTransaction());
        Signals savepoint = Signals.of(connection.createSavepoint("a"));
        assertThat(commit.isOver()).isFalse();
        assertThat(primary.calls).containsExactly("BEGIN");
        primary.inTransaction(true);
        primary.last().end();
        assertThat(commit.completed).isTrue();
        assertThat(savepoint.completed).isTrue();
        assertThat(primary.calls).containsExactly("BEGIN", "commit", "savepoint");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN",
                "BEGIN READ WRITE",
                "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
                "BEGIN READ ONLY; SELECT 1",
                "SET TRANSACTION READ ONLY",
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
            })
    void shouldBeginAnythingElseOnThePrimary(String begin) {
        Signals.update(connection, begin);
        assertThat(driver.routes).extracting(StatementRoute::role).containsExactly(NodeRole.PRIMARY);
        driver.sender().inTransaction(true);
        driver.sent().answer();
        Signals.rows(connection, "SELECT 1");
        assertThat(driver.routes).extracting(StatementRoute::role).containsOnly(NodeRole.PRIMARY);
    }

    @Test
    void shouldBeginOnThePrimaryWhatThisConnectionHasWrittenTo() {
        Signals.update(connection, INSERT);
        driver.sent().answer(1);
        Signals.update(connection, "BEGIN READ ONLY");
        assertThat(driver.connections).hasSize(1);
    }

    @Test
    void shouldBeginOnThePrimaryForASessionThatReplicasDoNotOffer() {
        Signals.of(connection.setTransactionIsolationLevel(IsolationLevel.SERIALIZABLE));
        Signals.update(connection, "BEGIN READ ONLY");
        assertThat(driver.sender().node).isEqualTo("p");
    }

    @Test
    void shouldBeginOnAnotherReplicaWhenTheFirstIsLost() {
        Signals begin = Signals.update(connection, "BEGIN READ ONLY");
        String first = driver.sender().node;
        driver.sent().fail(ScriptedDriver.lost());
        ScriptedConnection second = driver.sender();
        assertThat(second.node).isNotEqualTo(first).startsWith("r");
        second.inTransaction(true);
        second.last().answer();
        assertThat(begin.completed).isTrue();
        ended("COMMIT", second);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldKeepNothingForABeginThatFails() {
        Signals begin = Signals.update(connection, "BEGIN READ ONLY");
        driver.sent().fail(new IllegalStateException("refused"));
        assertThat(begin.error).hasMessage("refused");
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotGoOnWithoutATransactionThatWasLostAsItBegan() {
        Signals begin = Signals.of(Mono.from(connection.createStatement("BEGIN").execute())
                .flatMapMany(result -> result.getRowsUpdated()));
        driver.sent().result().endResult();
        assertThat(begin.completed).isTrue();
        driver.sent().fail(ScriptedDriver.lost());
        assertThat(Signals.update(connection, INSERT).error).isInstanceOf(TransactionLostException.class);
        assertThat(driver.connections).hasSize(1);
    }

    @Test
    void shouldNotDoubtTheOutcomeOfABegin() {
        Signals begin = Signals.update(connection, "BEGIN");
        driver.sent().fail(ScriptedDriver.lost());
        assertThat(begin.error).isInstanceOf(TransactionLostException.class);
    }

    @Test
    void shouldDoubtTheOutcomeOfACommit() {
        Signals.update(connection, "BEGIN");
        driver.sender().inTransaction(true);
        driver.sent().answer();
        Signals commit = Signals.update(connection, "COMMIT");
        driver.sent().fail(ScriptedDriver.lost());
        assertThat(commit.error).isInstanceOf(OutcomeUnknownException.class);
        Signals next = Signals.update(connection, "BEGIN");
        driver.sent().answer();
        assertThat(next.completed).isTrue();
        assertThat(driver.connections).hasSize(2);
    }

    @Test
    void shouldWriteToThePrimaryAfterABeginThatWasCancelledBeforeItWasSent() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals.update(connection, "BEGIN READ ONLY").cancel();
        Signals.of(connection.beginTransaction(ReadOnly.TRANSACTION)).cancel();
        opened.tryEmitEmpty();
        Signals write = Signals.update(connection, INSERT);
        assertThat(driver.sender().node).isEqualTo("p");
        driver.sent().answer(1);
        assertThat(write.completed).isTrue();
        connection.close().subscribe();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldStayInATransactionWhoseBeginWasCancelledAfterItWasSent() {
        Signals.update(connection, "BEGIN READ ONLY").cancel();
        ScriptedConnection replica = driver.sender();
        replica.inTransaction(true);
        replica.last().answer();
        Signals.rows(connection, "SELECT 1");
        assertThat(driver.sender()).isSameAs(replica);
        replica.last().answer(1);
        connection.close().subscribe();
        assertThat(replica.calls).containsExactly("BEGIN READ ONLY", "SELECT 1", "rollback");
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotWaitForResultsThatNobodyConsumes() {
        Signals begin = Signals.of(
                Flux.from(connection.createStatement("BEGIN READ ONLY").execute())
                        .then());
        ScriptedConnection replica = driver.sender();
        replica.inTransaction(true);
        replica.last().answer();
        assertThat(begin.completed).isTrue();
        Signals read = Signals.rows(connection, "SELECT 1");
        replica.last().answer(1);
        assertThat(read.completed).isTrue();
        Signals commit = Signals.of(
                Flux.from(connection.createStatement("COMMIT").execute()).then());
        ended(replica);
        assertThat(commit.completed).isTrue();
        Signals.update(connection, INSERT);
        assertThat(driver.sender().node).isEqualTo("p");
        driver.sent().answer(1);
        connection.close().subscribe();
        driver.pass(Duration.ofSeconds(1).toMillis());
        assertThat(driver.lent()).isZero();
    }

    /** Begins on a replica, to the end of the answer. */
    private ScriptedConnection begun(String begin) {
        Signals begun = Signals.update(connection, begin);
        ScriptedConnection replica = driver.sender();
        assertThat(replica.node).startsWith("r");
        replica.inTransaction(true);
        replica.last().answer();
        assertThat(begun.completed).isTrue();
        return replica;
    }

    private void ended(String end, ScriptedConnection replica) {
        Signals ended = Signals.update(connection, end);
        ended(replica);
        assertThat(ended.completed).isTrue();
    }

    private static void ended(ScriptedConnection replica) {
        replica.inTransaction(false);
        replica.last().answer();
    }
}
