package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.ReadOnly;
import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.error.ReplayConflictException;
import io.github.r2dbcrouting.error.TransactionLostException;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcBadGrammarException;
import io.r2dbc.spi.R2dbcException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A transaction that begins on a replica, and each moment at which it may have to move to the primary. */
class OptimisticTransactionTests {

    private static final String READ = "SELECT a FROM item";
    private static final String OTHER = "SELECT b FROM item";
    private static final String INSERT = "INSERT INTO item VALUES (1)";

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldCommitOnItsReplicaWhatHasOnlyRead() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        assertThat(connection.isAutoCommit()).isFalse();
        assertThat(Signals.of(connection.commitTransaction()).completed).isTrue();
        assertThat(replica.calls).containsExactly("begin as defined", READ, "commit");
        assertThat(driver.lent()).isZero();
        assertThat(connection.isAutoCommit()).isTrue();
        assertThat(driver.admitted).isEmpty();
    }

    @Test
    void shouldMoveWithItsFirstWriteAndRepeatWhatItHasRead() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1, 2);
        read(OTHER, replica, 3);
        Signals write = Signals.update(connection, INSERT);
        ScriptedConnection primary = primary();
        assertThat(replica.calls).containsExactly("begin as defined", READ, OTHER, "rollback");
        assertThat(primary.calls).containsExactly("begin", READ);
        primary.last().answer(1, 2);
        primary.last().answer(3);
        assertThat(primary.calls).containsExactly("begin", READ, OTHER, INSERT);
        primary.last().answer(1);
        assertThat(write.completed).isTrue();
        read(READ, primary, 7);
        assertThat(Signals.of(connection.commitTransaction()).completed).isTrue();
        assertThat(primary.calls).endsWith(INSERT, READ, "commit");
        assertThat(driver.lent()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldFailWhenThePrimarySaysSomethingElse(int rows) {
        ScriptedConnection replica = begun();
        read(READ, replica, 1, 2);
        Signals write = Signals.update(connection, INSERT);
        ScriptedConnection primary = primary();
        primary.last().answer(Stream.of(1, 5, 6).limit(rows).toArray());
        assertThat(write.error).isInstanceOf(ReplayConflictException.class).hasMessageContaining("[" + READ + "]");
        assertThat(((R2dbcException) write.error).getSqlState()).isEqualTo("40001");
        assertThat(primary.calls).containsExactly("begin", READ, "rollback");
        assertThat(Signals.rows(connection, READ).error).isSameAs(write.error);
        assertThat(Signals.of(connection.createSavepoint("a")).error).isSameAs(write.error);
        assertThat(Signals.of(connection.rollbackTransaction()).completed).isTrue();
        begunOnPrimary();
        assertThat(primary.calls).endsWith("rollback", "begin");
    }

    @ParameterizedTest
    @ValueSource(strings = {"COMMIT", "ROLLBACK"})
    void shouldEndAsTextWhatCouldNotMove(String end) {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        Signals write = Signals.update(connection, INSERT);
        primary().last().answer(2);
        Signals ended = Signals.update(connection, end);
        assertThat(ended.error).isSameAs(end.equals("COMMIT") ? write.error : null);
        assertThat(connection.isAutoCommit()).isTrue();
    }

    @Test
    void shouldReadFromThePrimaryForAWhileWhatGaveSomethingElse() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        Signals.update(connection, INSERT);
        primary().last().answer(2);
        connection.close().subscribe();
        RoutingConnection again = driver.connect();
        Signals.of(again.beginTransaction().contextWrite(Routing.optimistic(true)));
        Signals.rows(again, READ);
        assertThat(driver.sender().node).isEqualTo("p");
        assertThat(driver.sender().calls).endsWith("begin", READ);
    }

    static Stream<Function<Connection, Publisher<?>>> others() {
        return Stream.of(
                connection -> text(connection, "SELECT a FROM item FOR UPDATE"),
                connection -> text(connection, "SELECT unknown_to_all(1)"),
                connection -> text(connection, "SET LOCAL search_path TO app"),
                connection -> text(connection, "SAVEPOINT a"),
                connection -> text(connection, "SELECT 1; SELECT 2"),
                connection -> connection.createSavepoint("a"),
                connection -> connection.setAutoCommit(false));
    }

    private static Flux<?> text(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute()).concatMap(result -> result.getRowsUpdated());
    }

    @ParameterizedTest
    @MethodSource("others")
    void shouldMoveWithWhateverIsNotSurelyARead(Function<Connection, Publisher<?>> other) {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        Signals.of(other.apply(connection));
        primary().last().answer(1);
        assertThat(primary().calls).startsWith("begin", READ).hasSize(3);
        assertThat(replica.calls).containsExactly("begin as defined", READ, "rollback");
    }

    @Test
    void shouldKeepForItsConsumerWhatIsStillBeingReadWhenAWriteComes() {
        ScriptedConnection replica = begun();
        Signals all = Signals.of(Flux.from(connection.createStatement(READ).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .limitRate(1)
                .concatMap(
                        row -> Flux.from(connection
                                        .createStatement("INSERT INTO item VALUES (" + row + ")")
                                        .execute())
                                .concatMap(result -> result.getRowsUpdated()),
                        1));
        replica.last().result().row(1).row(2).row(3);
        assertThat(driver.open(ScriptedDriver.PRIMARY)).isEmpty();
        replica.last().endResult().end();
        ScriptedConnection primary = primary();
        primary.last().answer(1, 2, 3);
        for (int i = 1; i < 4; i++) {
            assertThat(primary.calls).hasSize(2 + i).endsWith("INSERT INTO item VALUES (" + i + ")");
            primary.last().answer(1);
        }
        assertThat(all.completed).isTrue();
    }

    @Test
    void shouldCompareNoMoreThanWasShown() {
        ScriptedConnection replica = begun();
        Signals first = Signals.of(Flux.from(connection.createStatement(READ).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .next());
        replica.last().answer(1, 2, 3);
        assertThat(first.values).containsExactly(1);
        Signals write = Signals.update(connection, INSERT);
        primary().last().answer(1, 7);
        primary().last().answer(1);
        assertThat(write.completed).isTrue();
    }

    @Test
    void shouldExpectTheSameErrorAgain() {
        ScriptedConnection replica = begun();
        Signals failing = Signals.rows(connection, READ);
        replica.last().fail(new R2dbcBadGrammarException("no such column", "42703"));
        assertThat(failing.error).hasMessage("no such column");
        Signals write = Signals.update(connection, INSERT);
        primary().last().fail(new R2dbcBadGrammarException("no such column", "42703"));
        primary().last().answer(1);
        assertThat(write.completed).isTrue();
    }

    @Test
    void shouldNotTakeSuccessForAnError() {
        ScriptedConnection replica = begun();
        Signals.rows(connection, READ);
        replica.last().fail(new R2dbcBadGrammarException("no such column", "42703"));
        Signals write = Signals.update(connection, INSERT);
        primary().last().answer(1);
        assertThat(write.error).isInstanceOf(ReplayConflictException.class);
    }

    @Test
    void shouldGoOnOnThePrimaryWhenItsReplicaIsLost() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        Signals other = Signals.rows(connection, OTHER);
        replica.last().fail(ScriptedDriver.lost());
        ScriptedConnection primary = primary();
        primary.last().answer(1);
        assertThat(primary.calls).containsExactly("begin", READ, OTHER);
        primary.last().answer(5);
        assertThat(other.values).containsExactly(5);
        assertThat(Signals.of(connection.commitTransaction()).completed).isTrue();
        connection.close().subscribe();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldBeLostWithAReplicaThatHasShownAPart() {
        ScriptedConnection replica = begun();
        Signals read = Signals.rows(connection, READ);
        replica.last().result().row(1).failResult(ScriptedDriver.lost());
        assertThat(read.error).isInstanceOf(TransactionLostException.class);
        assertThat(Signals.update(connection, INSERT).error).isInstanceOf(TransactionLostException.class);
        assertThat(Signals.of(connection.rollbackTransaction()).completed).isTrue();
        assertThat(connection.isAutoCommit()).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldMoveAtTheLatestWhenItHasReadForLong() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        driver.pass(30_000);
        Signals.rows(connection, OTHER);
        primary().last().answer(1);
        assertThat(primary().calls).containsExactly("begin", READ, OTHER);
    }

    @Test
    void shouldMoveAtTheLatestWhenItHasReadMuch() {
        ScriptedConnection replica = begun();
        read(READ, replica, "x".repeat(1 << 20));
        Signals.rows(connection, OTHER);
        primary().last().answer("x".repeat(1 << 20));
        assertThat(primary().calls).containsExactly("begin", READ, OTHER);
    }

    @Test
    void shouldGiveUpAMoveThatTakesTooLong() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        Signals write = Signals.update(connection, INSERT);
        driver.pass(30_100);
        assertThat(write.error).isInstanceOf(ReplayConflictException.class).hasMessageContaining("within PT30S");
    }

    @Test
    void shouldMoveToItsEndWhenNobodyWaitsForItAnyMore() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        Signals.update(connection, INSERT).cancel();
        ScriptedConnection primary = primary();
        Signals rollback = Signals.of(connection.rollbackTransaction());
        assertThat(rollback.isOver()).isFalse();
        primary.last().answer(1);
        assertThat(rollback.completed).isTrue();
        assertThat(primary.calls).containsExactly("begin", READ, "rollback");
        connection.close().subscribe();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldLeaveNothingWhenItsConnectionIsClosedWhileItMoves() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        Signals write = Signals.update(connection, INSERT);
        ScriptedConnection primary = primary();
        Signals closed = Signals.of(connection.close());
        primary.last().answer(1);
        assertThat(closed.completed).isTrue();
        assertThat(write.error).isNotNull();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldSendTwoStatementsThatCameDuringTheMoveInTheirOrder() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        Signals.update(connection, INSERT);
        Signals.rows(connection, OTHER);
        primary().last().answer(1);
        assertThat(primary().calls).containsExactly("begin", READ, INSERT, OTHER);
    }

    @Test
    void shouldBeginOnThePrimaryWhenNoReplicaIsThere() {
        driver.publish(
                ScriptedDriver.node("p", NodeRole.PRIMARY),
                ScriptedDriver.node("r1", NodeRole.REPLICA, NodeHealth.UNHEALTHY, 3, 1, 1_000));
        begunOnPrimary();
        assertThat(primary().calls).containsExactly("begin as defined", "rollback", "begin");
        Signals.update(connection, INSERT);
        assertThat(primary().calls).endsWith("begin", INSERT);
    }

    @Test
    void shouldBeOptimisticOnlyWhereThatIsWanted() {
        assertThat(Signals.of(connection.beginTransaction()).completed).isTrue();
        assertThat(primary().calls).containsExactly("begin");
    }

    @Test
    void shouldNotMoveATransactionThatWasDeclaredReadOnly() {
        assertThat(Signals.of(connection.beginTransaction(ReadOnly.TRANSACTION).contextWrite(Routing.optimistic(true)))
                        .completed)
                .isTrue();
        Signals.update(connection, INSERT);
        assertThat(driver.open(ScriptedDriver.PRIMARY)).isEmpty();
    }

    @Test
    void shouldStartAnewForTheNextUserOfAnOuterPool() {
        ScriptedConnection replica = begun();
        read(READ, replica, 1);
        assertThat(Signals.of(connection.preRelease()).completed).isTrue();
        assertThat(driver.lent()).isZero();
        Signals.update(connection, INSERT);
        assertThat(primary().calls).containsExactly(INSERT);
    }

    private ScriptedConnection begun() {
        Mono<Void> begin = connection.beginTransaction().contextWrite(Routing.optimistic(true));
        assertThat(Signals.of(begin).completed).isTrue();
        assertThat(driver.connections).hasSize(1);
        ScriptedConnection replica = driver.connections.get(0);
        assertThat(replica.node).startsWith("r");
        return replica;
    }

    private void begunOnPrimary() {
        Mono<Void> begin = connection.beginTransaction().contextWrite(Routing.optimistic(true));
        assertThat(Signals.of(begin).completed).isTrue();
    }

    private void read(String sql, ScriptedConnection on, Object... rows) {
        Signals read = Signals.rows(connection, sql);
        assertThat(on.calls).endsWith(sql);
        on.last().answer(rows);
        assertThat(read.values).containsExactly(rows);
        assertThat(read.completed).isTrue();
    }

    private ScriptedConnection primary() {
        return driver.open(ScriptedDriver.PRIMARY).get(0);
    }
}
